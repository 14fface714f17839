#!/usr/bin/env bash
# The live page in a real browser, under traffic and with 10,000 peers: it shows what there is, finds one
# peer, fits a phone, and neither it nor its content policy has anything to complain of.
# PAGE_SHOTS=FOLDER keeps pictures.
# timeout: 300
source "$(dirname "$0")/lib.sh"

command -v chromium >/dev/null || skip "Debian's chromium is not installed"
max_peers=10100
add_network
add_client alice
add_client bob
write_config "route_allowed_ips: false"
"$root/tests/e2e/wgclient.py" make-crowd 10000 "$lab_dir/crowd" >>"$lab_dir/gateway.yaml"
start_gateway || fail "the gateway did not start"
on gw ip route add "$inner4.0/28" dev "$(interface_of wg0)"
start_clients
expect "alice reaches the host" reaches alice "$plain4.2"
spawn alice steady.log ping -n -q -i 0.01 "$plain4.2"

says() { echo "document.body.innerText.includes('$1')"; }
rows="document.querySelectorAll('#peers tr').length"
type_in() { echo "do document.getElementById('search').value = '$1'; document.getElementById('search').dispatchEvent(new Event('input'))"; }
press() { echo "do document.querySelector('#states [data-state=$1]').click()"; }
steps=(
    "size 1440x1500" light
    "wait 60 $(says 'version ')"
    "wait 30 $rows == 50"
    "expect document.getElementById('lamp').className == 'lamp good'"
    "wait 60 document.getElementById('t-up').textContent == '1'"
    "expect document.getElementById('t-up-of').textContent == 'of 10,002'"
    "wait 60 /kbit/.test(document.getElementById('t-rx').textContent)"
    "wait 60 /µs|ms/.test(document.getElementById('t-p99').textContent)"
    "expect document.querySelector('#peers td').textContent.startsWith('alice')"
    "expect document.querySelector('#peers tr').textContent.includes('$outer4.11:')"
    "wait 60 document.querySelector('#lcores td.grow').textContent == 'rx, crypto, tx'"
    "wait 60 bitsChart.points.length > 2"
    "sleep ${PAGE_SECONDS:-1}"
    ${PAGE_SHOTS:+"shot $PAGE_SHOTS/page.png"}
    "$(type_in 10.20.39.250)"
    "wait 60 $rows == 1 && $(says 10.20.39.250/32)"
    "$(type_in BOB)"
    "wait 60 $rows == 1 && $(says 'no endpoint: none is configured')"
    "$(type_in '')"
    "$(press up)"
    "wait 60 $rows == 1 && $(says alice)"
    "$(press idle)"
    "wait 60 $rows == 50"
    "$(press '""')"
    "wait 60 document.querySelector('#peers td').textContent.startsWith('alice')"
    "size 390x1400"
    "sleep 2"
    "expect document.documentElement.scrollWidth <= 390"
    ${PAGE_SHOTS:+"shot $PAGE_SHOTS/page-phone.png"}
    dark
    "wait 60 document.documentElement.classList.contains('dark')"
    "size 1440x1100"
    "sleep 2"
    ${PAGE_SHOTS:+"shot $PAGE_SHOTS/page-dark.png"}
)
expect "the page shows the gateway" on gw timeout 240 "$root/tests/e2e/browser.py" "$lab_dir/browser" http://127.0.0.1:8080/ "${steps[@]}"
cat "$lab_dir/output"
expect "traffic goes on" pings alice "$plain4.2"
