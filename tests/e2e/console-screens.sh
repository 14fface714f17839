#!/usr/bin/env bash
# The console as an operator sees it: ringway-console in tmux, on a small and on a larger terminal, its
# screens compared with those in screens/, numbers, keys and times masked. After a change that is meant:
# RINGWAY_KEEP_SCREENS=yes tests/e2e/console-screens.sh, and read the difference.

# Names of one length, whatever the run: columns stand where they stand.
export RINGWAY_LAB=${RINGWAY_LAB:-s$(printf '%05d' $(($$ % 100000)))}
source "$(dirname "$0")/lib.sh"

command -v tmux >/dev/null || skip "needs tmux"
console=${ringway%/*}/tools/ringway-console
screens=$(dirname "$0")/screens
add_network
add_client alice
add_client bob initiator=gateway
add_client carol
start_all
stop_client bob
expect "alice reaches the host" reaches alice "$plain4.2"
tunnel=$(interface_of wg0)
socket=$lab_dir/console.sock
# bob is away, and is wanted.
on host ping -c 1 -W 1 "$(inner4_of bob)" >/dev/null || true

terminal() { tmux -S "$lab_dir/tmux.sock" -f /dev/null "$@"; }
shown() { terminal capture-pane -p; }
at_prompt() { [[ $(shown | sed '/^ *$/d' | tail -n 1 | sed 's/ *$//') == 'ringway>' ]]; }

tmux_is_gone() { ! terminal has-session 2>/dev/null; }

# What differs from run to run. Blanks are squeezed, for columns follow the numbers.
mask() {
    sed -E "s/-$lab_id\b/-LAB/g; s#$lab_dir#DIR#g
        s/[A-Za-z0-9+\/]{43}=/KEY/g; s/[A-Za-z0-9+\/]{5,42}~/KEY~/g
        s/20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z?/TIME/g
        s/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/g; s#fe80::[0-9a-f:]+/128#fe80::HOST/128#g
        s/[0-9.]+ [KMG]?i?B\b/SIZE/g
        s/([0-9]+ [dhm] )?[0-9.]+ [smh]\b/AGE/g
        s/[0-9.]+ %/SHARE/g
        s/\b(192\.0\.2|10\.0\.0|10\.9\.0)\.([0-9]+)/\1-\2/g
        s/(^|[ (])[0-9]+(\.[0-9]+)?[kMG]?($|[ ,;)])/\1N\3/g; s/(^|[ (])[0-9]+(\.[0-9]+)?[kMG]?($|[ ,;)])/\1N\3/g
        s/ +/ /g; s/ \$//" | unwrapped_why | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}
# Where the reason is wrapped depends on its numbers. That of JSON may be broken within a word, or at a blank.
unwrapped_why() {
    sed -E -e '/^why /{:more' -e '$!N; s/\n (.*)$/ \1/; t more' -e 'P; D' -e '}' |
        sed -E -e 's/initiations? in/initiations in/' -e '/^ "why": "/{:broken' -e '/",$/!{N; b broken' -e '}; s/\n| //g; }'
}

# screen NAME KEYS...: presses them, waits for the prompt, and keeps what the terminal shows.
screen() {
    local name=$1
    shift
    echo "=== $name"
    terminal send-keys -R
    terminal clear-history
    terminal send-keys C-l
    wait_until 5 at_prompt
    terminal send-keys "$@"
    settle
    shown | mask
}
# The screen has stopped changing.
settle() {
    local before="" now
    for _ in {1..50}; do
        sleep 0.1
        now=$(shown)
        [[ $now == "$before" && -n $now ]] && return
        before=$now
    done
}

tour() {
    screen "the first help" '?'
    terminal send-keys C-c
    screen "what can be shown" 'show ?'
    terminal send-keys C-c
    screen "mistakes" 'shwo status' Enter 'show' Enter 'show peer' Enter 'show peers sort size' Enter 'quit now' Enter
    screen "status" 'show status' Enter
    screen "ports" 'show ports' Enter
    screen "lcores" 'show lcores' Enter
    screen "rings" 'show rings' Enter
    screen "tunnels" 'show tunnels' Enter
    screen "routes" 'show routes' Enter
    screen "drops" 'show drops' Enter
    screen "peers by name" 'show peers sort name' Enter
    screen "a name completed" 'show peer al' Tab Enter
    screen "a peer that is away" 'show peer bob' Enter
    screen "a peer that never called" 'show peer carol' Enter
    screen "what a peer can be told" 'set peer bob ?'
    terminal send-keys C-c
    screen "a change, and back" 'set peer bob keepalive 25' Enter 'set peer bob keepalive 0' Enter
    screen "a line recalled and corrected" 'show peer bbo' Enter Up BSpace BSpace 'ob json' Enter
}

too_wide() { grep -v '^why ' "$lab_dir/$size.txt" | grep -qE ".{$((${size%x*} + 1))}"; }
for size in 80x24 100x40; do
    terminal new-session -d -x "${size%x*}" -y "${size#*x}" "$console --socket $socket; sleep 1"
    expect "a prompt in $size" wait_until 10 at_prompt
    tour >"$lab_dir/$size.txt"
    expect_not "no line is cut or wrapped in $size" too_wide
    [[ -z ${RINGWAY_KEEP_SCREENS-} ]] || install -D -m 644 "$lab_dir/$size.txt" "$screens/$size.txt"
    expect "the screens of $size are those of $screens" diff -u "$screens/$size.txt" "$lab_dir/$size.txt"
    terminal send-keys C-l 'quit' Enter
    expect "quit ends it" wait_until 10 tmux_is_gone
done
