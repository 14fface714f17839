#!/usr/bin/env bash
# DPDK's telemetry socket is there without huge pages too, and goes with the gateway; two gateways of one
# machine have one each.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
start_all
expect "alice reaches the host" reaches alice "$plain4.2"

ask() { "$root/tests/e2e/telemetry.py" "$@"; }
ask "$gateway_pid" /ethdev/list /ethdev/stats,0 /eal/params >"$lab_dir/answers" || fail "telemetry does not answer"
answer() { sed -n "${1}p" "$lab_dir/answers"; }
expect_equal "it has two ports" 2 "$(answer 2 | jq '.["/ethdev/list"] | length')"
expect "packets have come in by the first" jq -e '.["/ethdev/stats"].ipackets > 0' <<<"$(answer 3)"
expect "its arguments are told" grep -q no-huge <<<"$(answer 4)"

# Another gateway, on a device that needs nobody.
cat >"$lab_dir/other.yaml" <<YAML
system: {memory: 64, hugepages: off, idle: adaptive, max_peers: 10}
console: {stdio: false, socket: $lab_dir/other.sock}
rest: {listen: 127.0.0.1:8081}
ports: [{name: spare, device: "net_null0"}]
tunnels: [{name: $(interface_of wg1), private_key_file: $lab_dir/alice.key, listen_port: 51821}]
YAML
spawn gw other.log env "STATE_DIRECTORY=$lab_dir/state" "$ringway" --config "$lab_dir/other.yaml" --no-console
other_pid=$spawned
other_answers() { ask "$other_pid" /ethdev/list | grep -q ethdev; }
expect "a second gateway answers beside it" wait_until 30 other_answers
expect "and the first still does" ask "$gateway_pid" /ethdev/list

expect "SIGTERM ends the gateway with status 0" stop_gateway
expect_not "its socket does not answer any more" ask "$gateway_pid"
