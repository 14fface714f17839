#!/usr/bin/env bash
# The operator's console on a running gateway with traffic: every command, for people and as JSON, on the
# socket, on a terminal and on standard input; hostile clients hold up nobody.
source "$(dirname "$0")/lib.sh"

console=${ringway%/*}/tools/ringway-console
[[ -x $console ]] || fail "$console is not built"
add_network
add_client alice
add_client bob
start_all
expect "alice reaches the host" reaches alice "$plain4.2"
tunnel=$(interface_of wg0)
socket=$lab_dir/console.sock
ask() { timeout 20 "$console" --socket "$socket" "$@"; }
says() { ask -c "$1" | jq -r "$2"; }
# What was said is in $said then.
said=$lab_dir/said
status_of() { local status=0; ask "$@" >"$said" 2>&1 || status=$?; echo "$status"; }

expect "the socket is there" wait_until 10 test -S "$socket"
expect_equal "the socket's mode" 600 "$(stat -c %a "$socket")"

# Every show, for people and as JSON.
for what in status ports lcores tunnels peers "peer alice" drops routes rings; do
    expect "show $what" ask -c "show $what"
    expect_not "show $what fits 100 columns" grep -qE '.{101}' "$lab_dir/output"
    ask -c "show $what json" >"$lab_dir/json"
    expect "show $what json is JSON" jq -e . "$lab_dir/json"
done
expect_equal "the peers" "alice bob" "$(says "show peers json" '.items[].name' | sort | xargs)"
expect_equal "those that are up" alice "$(says "show peers state up json" '.items[].name')"
expect_equal "the busiest" alice "$(says "show peers tunnel $tunnel top 1 json" '.items[].name')"
expect_equal "no packet is unaccounted for" 0 "$(says "show drops json" .unaccounted_packets)"
expect_equal "the port of a route" lan \
    "$(says "show routes json" ".items[] | select(.prefix == \"$plain4.0/24\") | .to")"
expect_equal "by key, too" alice "$(says "show peer $(key_of alice) json" .name)"
expect "why bob has no session" grep -q '^why  *no' <<<"$(ask -c "show peer bob")"
expect "alice's route" grep -q "^route  *by port wan, next hop $outer4.11 resolved" <<<"$(ask -c "show peer alice")"

# Sorted, filtered, in pages.
names() { says "show peers $1 json" '[.items[].name] | join(" ")'; }
expect_equal "sorted by name" "alice bob" "$(names "sort name")"
expect_equal "and the other way round" "bob alice" "$(names "sort name reverse")"
expect_equal "by what was received" "bob alice" "$(names "sort rx")"
expect_equal "by the last handshake, the one that never had one first" "bob alice" "$(names "sort handshake")"
expect_equal "by endpoint, the one without one last" "alice bob" "$(names "sort endpoint")"
expect_equal "found by a part of the name" bob "$(names "match BOB")"
expect_equal "by an allowed IP" bob "$(names "match $(inner4_of bob)/")"
expect_equal "by the endpoint" alice "$(names "match $(outer_of 11 4):")"
expect_equal "how many there are is said" 1 "$(says "show peers state idle json" .peers)"
expect_equal "a page past the end" 0 "$(status_of -c "show peers page 2")"
expect "is told apart from no peers" grep -q '^no such page: there are 2 peers' "$said"
expect_equal "an order that there is not" 1 "$(status_of -c "show peers sort size")"

# Counters never go back; tables do.
expect "clear stats" ask -c "clear stats"
expect "tables say so" grep -q '^since 20' <<<"$(ask -c "show ports")"
expect "the JSON has all" test "$(says "show ports json" '[.items[].rx_packets] | add')" -gt 0

# Changes, by the rules of the file.
carol=$(wg genkey | wg pubkey)
expect_equal "a peer is added" 0 \
    "$(status_of -c "peer add $tunnel $carol name carol allowed-ips $inner4.50/32,$inner6:50/128 keepalive 25")"
expect_equal "as it was said" "$inner4.50/32 $inner6:50/128 25" \
    "$(says "show peer carol json" '[.allowed_ips[], .persistent_keepalive_seconds] | map(tostring) | join(" ")')"
expect_equal "not twice" 1 "$(status_of -c "peer add $tunnel $carol")"
expect_equal "nor with a wrong key" 1 "$(status_of -c "peer add $tunnel ${carol/=/}")"
dave=$(wg genkey | wg pubkey)
expect_equal "an allowed IP does not move unasked" 1 "$(status_of -c "peer add $tunnel $dave allowed-ips $inner4.50/32")"
expect "whose it is, is said" grep -q "$inner4.50/32 is allowed to peer carol" "$said"
expect_equal "it moves if asked" 0 "$(status_of -c "peer add $tunnel $dave allowed-ips $inner4.50/32 move")"
# A running peer, changed in one thing at a time; alice's session does not notice.
set_peer() { status_of -c "set peer $*"; }
expect_equal "a keepalive" 0 "$(set_peer alice keepalive 25)"
expect_equal "is set" 25 "$(says "show peer alice json" .persistent_keepalive_seconds)"
expect_equal "what was not named stays" "$(inner4_of alice)/32" "$(says "show peer alice json" '.allowed_ips[0]')"
expect_equal "several at once" 0 "$(set_peer bob tunnel "$tunnel" endpoint "$outer4.77:1" keepalive 0 allowed-ips "$inner4.60/32")"
expect_equal "are set" "$outer4.77:1 $inner4.60/32" "$(says "show peer bob json" '.endpoint + " " + .allowed_ips[0]')"
expect_equal "a peer's name" 0 "$(set_peer bob name robert)"
expect_equal "is its name" robert "$(says "show peer $(key_of bob) json" .name)"
expect_equal "another's is not free" 1 "$(set_peer robert name alice)"
expect_equal "and back" 0 "$(set_peer robert name bob)"
expect_equal "an address that is none" 1 "$(set_peer bob endpoint nowhere)"
expect "is named" grep -q '^error: endpoint' "$said"
expect_equal "another's allowed IP stays where it is" 1 "$(set_peer bob allowed-ips "$(inner4_of alice)/32")"
expect_equal "nothing to change" 1 "$(set_peer bob)"
expect_equal "a peer that is not there" 1 "$(set_peer nobody keepalive 1)"
wg genpsk >"$lab_dir/some.psk"
expect_equal "a preshared key by its file" 0 "$(set_peer bob preshared-key-file "$lab_dir/some.psk")"
expect_equal "is there" true "$(says "show peer bob json" .has_preshared_key)"
expect_equal "and stays when something else changes" 0 "$(set_peer bob keepalive 5)"
expect_equal "as it was" "$(cat "$lab_dir/some.psk")" \
    "$(wg show "$tunnel" preshared-keys | grep -F "$(key_of bob)" | cut -f 2)"
expect_equal "none" 0 "$(set_peer bob preshared-key-file none)"
expect_equal "takes it away" false "$(says "show peer bob json" .has_preshared_key)"
chmod 644 "$lab_dir/some.psk"
expect_equal "a key file that others can read" 1 "$(set_peer bob preshared-key-file "$lab_dir/some.psk")"
expect_equal "a pipe in place of it" 1 "$(mkfifo "$lab_dir/psk.pipe"; set_peer bob preshared-key-file "$lab_dir/psk.pipe")"
expect_equal "the log's level" 0 "$(status_of -c "set log level debug")"
expect_equal "one that there is not" 1 "$(status_of -c "set log level loud")"
expect_equal "alice's session went on all the while" up "$(says "show peer alice json" .state)"

expect_equal "a peer is removed" 0 "$(status_of -c "peer remove $tunnel carol" -c "peer remove $tunnel $dave")"
expect_equal "and gone" 1 "$(status_of -c "show peer carol")"
cp "$lab_dir/gateway.yaml" "$lab_dir/good.yaml"
echo 'nonsense: 1' >>"$lab_dir/gateway.yaml"
expect_equal "a bad file is refused" 1 "$(status_of -c reload)"
expect "and what is wrong with it told" grep -q "gateway.yaml:[0-9:]* unknown key 'nonsense'" "$said"
cp "$lab_dir/good.yaml" "$lab_dir/gateway.yaml"
expect_equal "a good one is taken" 0 "$(status_of -c reload)"
expect_equal "alice's session went on" up "$(says "show peer alice json" .state)"

# What a script learns.
expect_equal "an accepted command" 0 "$(status_of -c "show status")"
expect_equal "a wrong one" 1 "$(status_of -c "show nonsense")"
expect "what was expected" grep -q "'nonsense' is not known here, expected .*status" "$said"
expect_equal "half a command" 1 "$(status_of -c "show")"
expect_equal "a peer that is not there" 1 "$(status_of -c "show peer carol")"
expect_equal "one of several" 1 "$(status_of -c "show nonsense" -c "show status")"
expect_equal "no gateway" 2 "$(timeout 5 "$console" --socket "$lab_dir/none.sock" -c help >/dev/null 2>&1; echo $?)"
expect_equal "lines of a pipe" 2 "$(printf 'show status\n\nshow peer alice\nquit\nshow status\n' | ask | grep -cE '^(uptime|public key) ')"
expect_equal "the status of lines" 1 "$(printf 'nonsense\nhelp\n' | ask >/dev/null; echo $?)"

# A terminal: completion of words and peer names, help, history, several consoles at once.
in_terminal() { timeout 30 script -qec "$console --socket $socket" /dev/null | tr -d '\r' | sed 's/\x1b[[0-9;]*[A-Za-z]//g'; }
keys() { for key; do printf '%b' "$key"; sleep 0.5; done; }
keys 'sh\t' 'peer al\t' '\n' 'quit\n' | in_terminal >"$said"
expect "a name is completed" grep -q 'ringway> show peer alice' "$said"
expect "and the command is done" grep -q "^public key  *$(key_of alice)" "$said"
keys 'show ?' '\003' 'show peer \t' '\003' 'show status\n' '\033[A' '\n' 'quit\n' | in_terminal >"$said"
expect "? tells what may follow" grep -q '^ *lcores  *polling CPUs' "$said"
expect "TAB lists names" grep -q '^ *bob  *peer' "$said"
expect_equal "a line is recalled" 2 "$(grep -c '^uptime' "$said")"
{ sleep 4; echo 'show status'; } | ask >"$lab_dir/patient.out" &
patient=$!
expect_equal "two consoles at once" 0 "$(status_of -c "show status")"
wait "$patient"
expect "both are answered" grep -q ^uptime "$lab_dir/patient.out"

# Hostile: lines of a megabyte, bytes that are no text, clients that never read.
head -c 1000000 /dev/zero | tr '\0' x >"$lab_dir/long"
echo >>"$lab_dir/long"
expect_equal "a line of a megabyte" 1 "$(status_of <"$lab_dir/long")"
expect "is named" grep -q 'a line has 512 characters at most' "$said"
head -c 1000000 /dev/urandom | timeout 20 nc -N -U "$socket" >/dev/null || true
{ printf '\0'; head -c 100000 /dev/urandom; } | timeout 20 nc -N -U "$socket" >/dev/null || true
for _ in 1 2 3; do
    spawn gw deaf.log python3 -c "
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.connect('$socket')
s.setblocking(False)
s.send(b'\0')
try:
    while True: s.send(b'show drops json\n')
except BlockingIOError: pass
time.sleep(60)"
done
# A console that was there before all of this, and one that comes after it.
coproc early { ask; }
echo "show status" >&"${early[1]}"
expect "an early console is served" read -r -t 10 _ <&"${early[0]}"
spawn gw crowd.log python3 -c "
import socket, time
crowd = []
for i in range(1000):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(5)
    s.connect('$socket')
    crowd.append(s)
    if i % 100 == 0: print(i, flush=True)
print('all', flush=True)
time.sleep(60)"
expect "a thousand connect and say nothing" wait_until 20 grep -q all "$lab_dir/crowd.log"
for _ in 1 2 3 4; do
    (while cat "$lab_dir/long"; do :; done) 2>/dev/null | timeout 5 nc -U "$socket" >/dev/null 2>&1 &
    lab_processes+=($!)
done
expect "traffic goes on" pings alice "$plain4.2" 10 0.05
timeout 1 cat <&"${early[0]}" >/dev/null || true
echo "show lcores" >&"${early[1]}"
expect "so does the early console" read -r -t 10 _ <&"${early[0]}"
is_served() { ask -c "show peers" >/dev/null 2>&1; }
expect "and a late one has its turn when the silent are sent away" wait_until 15 is_served

# Another gateway does not take the socket from this one; a stale one is taken over.
expect "the gateway stops" stop_gateway
expect_not "and takes its socket along" test -e "$socket"
python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('$socket')"
sed -i 's/stdio: false/stdio: true/' "$lab_dir/gateway.yaml"

# Standard input: none, closed, a pipe, a terminal.
gateway=(ip netns exec "$(namespace_of gw)" env "STATE_DIRECTORY=$lab_dir/state" "$ringway"
    --config "$lab_dir/gateway.yaml")

# As systemd starts it: no terminal, nothing to read, a socket for what is written, and to be told.
cat >"$lab_dir/supervise.py" <<'PY'
import os, signal, socket, subprocess, sys
told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
told.bind(sys.argv[1])
told.settimeout(30)
journal, output = socket.socketpair()
gateway = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                           start_new_session=True, env={**os.environ, "NOTIFY_SOCKET": sys.argv[1]})
output.close()
try:
    print(told.recv(100).decode(), flush=True)
    gateway.send_signal(signal.SIGHUP)
    gateway.terminate()
    print(told.recv(100).decode(), "status", gateway.wait(20), flush=True)
finally:
    gateway.poll() is None and gateway.kill()
log = b"".join(iter(lambda: journal.recv(65536), b"")).decode()
print("logged", "main: ready" in log, "prompt", "ringway>" in log)
PY
expect "systemd is told" timeout 90 python3 "$lab_dir/supervise.py" "$lab_dir/notify.sock" "${gateway[@]}"
expect_equal "when it serves, when it ends, and its log is a log" \
    "READY=1 STOPPING=1 status 0 logged True prompt False" "$(xargs <"$lab_dir/output")"
if command -v systemd-analyze >/dev/null; then
    sed "s#/usr/local/sbin/ringway#$ringway#" "$root/tools/ringway.service" >"$lab_dir/ringway.service"
    expect "the unit is well formed" systemd-analyze --man=no verify "$lab_dir/ringway.service"
    expect_equal "without a word" "" "$(cat "$lab_dir/output")"
fi
started() { ask -c "show status" >/dev/null 2>&1; }
end_gateway() { kill -TERM "$1" && wait "$1"; }
(exec "${gateway[@]}" </dev/null >"$lab_dir/stdio.log" 2>&1) &
lab_processes+=($!)
expect "starts over a stale socket, without input" wait_until 30 started
expect "and ends well" end_gateway "${lab_processes[-1]}"
(exec "${gateway[@]}" <&- >"$lab_dir/stdio.log" 2>&1) &
lab_processes+=($!)
expect "starts with a closed input" wait_until 30 started
expect "and ends well" end_gateway "${lab_processes[-1]}"
mkfifo "$lab_dir/in"
(exec "${gateway[@]}" <"$lab_dir/in" >"$lab_dir/stdio.out" 2>"$lab_dir/stdio.log") &
lab_processes+=($!)
exec 7>"$lab_dir/in"
expect "starts with a pipe" wait_until 30 started
echo "show status" >&7
expect "answers on standard output" wait_until 5 grep -q ^uptime "$lab_dir/stdio.out"
echo quit >&7
expect "quit stops the gateway" wait "${lab_processes[-1]}"
exec 7>&-
keys_for_gateway() { wait_until 30 started; keys 'sh\t' 'status\n' 'quit\n'; }
keys_for_gateway | timeout 60 script -qec "${gateway[*]}" /dev/null | tr -d '\r' >"$said"
expect "a terminal has a console" grep -q '^uptime' "$said"
