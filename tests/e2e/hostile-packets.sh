#!/usr/bin/env bash
# Malformed, forged, replayed and misdirected packets are not answered, not delivered and not
# believed, and do honest sessions no harm.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
add_client bob
write_config
start_gateway

on alice "$root/tests/e2e/hostile.py" "$lab_dir/alice.key" "$lab_dir/bob.key" "$(key_of wg0)" \
    "$outer4.1" "$listen_port" "$(interface_of wg0)" "$(inner4_of alice)" "$(inner4_of bob)" "$plain4.2" ||
    fail "see above"
expect "the gateway still runs" is_running "$gateway_pid"
expect "SIGTERM ends it with status 0" stop_gateway
