#!/usr/bin/env bash
# Three hundred peers of one tunnel each shake hands and reach the plain host.
source "$(dirname "$0")/lib.sh"

add_network
add_node crowd
plug net crowd eth0
address crowd eth0 "$outer4.200/24"
write_config
"$root/tests/e2e/wgclient.py" make-crowd 300 "$lab_dir/crowd" >>"$lab_dir/gateway.yaml"
start_gateway

expect "300 peers are configured" test "$(wg show "$(interface_of wg0)" peers | wc -l)" = 300
expect "300 clients reach the plain host" on crowd \
    "$root/tests/e2e/wgclient.py" run-crowd "$lab_dir/crowd" "$(key_of wg0)" "$outer4.1" "$listen_port" "$plain4.2"
cat "$lab_dir/output"
expect "each of the 300 has a handshake" \
    test "$(wg show "$(interface_of wg0)" latest-handshakes | awk '$2 > 0' | wc -l)" = 300
expect "SIGTERM ends the gateway with status 0" stop_gateway
