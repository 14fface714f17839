#!/usr/bin/env bash
# patient
# timeout: 300
# Sessions are renewed after 120 seconds under load without one lost packet, whoever opened them.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
add_client bob initiator=gateway outer=6
start_all
expect "alice reaches the host" reaches alice "$plain4.2"
expect "the host reaches bob" reaches host "$(inner4_of bob)"
expect "alice pings" pings alice "$plain4.2" 2
wg show "$(interface_of wg0)" latest-handshakes | sort >"$lab_dir/before"

# Four streams of 50 packets a second each way, for 130 seconds at least.
streams=()
for stream in "alice $plain4.2" "host $(inner4_of alice)" "bob $plain4.2" "host $(inner4_of bob)"; do
    read -r from target <<<"$stream"
    pings "$from" "$target" 6500 0.02 >"$lab_dir/pings-$from-$target" &
    streams+=($!)
done
wait "${streams[@]}" || true
for report in "$lab_dir"/pings-*; do
    expect "no packet of ${report##*/} is lost" grep -q ' 0% packet loss' "$report"
    grep 'packets transmitted' "$report"
done
wg show "$(interface_of wg0)" latest-handshakes | sort >"$lab_dir/after"
expect_not "both sessions were renewed meanwhile" grep -qxFf "$lab_dir/before" "$lab_dir/after"
