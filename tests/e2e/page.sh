#!/usr/bin/env bash
# The live page in a real browser, under traffic: peers, lcores and rates are there, on a wide and on a
# narrow screen. PAGE_SHOTS=FOLDER keeps the pictures.
source "$(dirname "$0")/lib.sh"

command -v chromium >/dev/null || skip "Debian's chromium is not installed"
add_network
add_client alice
add_client bob
start_all
expect "alice reaches the host" reaches alice "$plain4.2"
spawn alice steady.log ping -n -q -i 0.01 "$plain4.2"

browse() {
    on gw timeout 60 chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars \
        --user-data-dir="$lab_dir/browser" --virtual-time-budget=8000 "$@" http://127.0.0.1:8080/ 2>"$lab_dir/browser.log"
}
browse --dump-dom >"$lab_dir/page.html"
says() { grep -q -- "$1" "$lab_dir/page.html"; }
expect "the gateway is told of" says 'id="state" class="key">version '
expect "one of two peers is up" says '1 of 2 up'
expect "alice is in the list" says '<td>alice</td>'
expect "with her endpoint" says "<td>$outer4.11:"
expect "bob's row says why he is not" says 'nobody has tried'
expect "an lcore with its roles" says '<td>rx crypto tx</td>'
expect "a line of throughput is drawn" says 'stroke="var(--a)"'
if [[ -n ${PAGE_SHOTS-} ]]; then
    for size in 1280,900 390,1200; do browse --window-size=$size --screenshot="$PAGE_SHOTS/page-${size%,*}.png"; done
fi
