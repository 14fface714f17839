#!/usr/bin/env bash
# Whatever REST is sent, and however slowly: traffic, memory and the other surfaces notice nothing.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
add_client bob
write_config
echo "open sesame" >"$lab_dir/token"
echo "rest: {token_file: $lab_dir/token}" >>"$lab_dir/gateway.yaml"
start_gateway || fail "the gateway did not start"
start_clients || fail "the clients did not start"
expect "alice reaches the host" reaches alice "$plain4.2"

spawn alice steady.log ping -n -q -i 0.02 -W 2 "$plain4.2"
steady=$spawned
on gw python3 "$(dirname "$0")/rest_hostile.py" 127.0.0.1 8080 "$(interface_of wg0)" "$gateway_pid" "open sesame" ||
    fail "hostile clients were not all turned away"
expect "wg(8) is served" on gw wg show "$(interface_of wg0)"
expect "the gateway runs on" is_running "$gateway_pid"
kill -INT "$steady"
wait_until 5 all_ended "$steady"
expect "alice has lost nothing meanwhile" grep -q ' 0% packet loss' "$lab_dir/steady.log"
expect_equal "no packet is unaccounted for" 0 \
    "$(on gw curl -s -m 10 http://127.0.0.1:8080/api/v1/drops | jq -r .unaccounted_packets)"
