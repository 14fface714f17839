#!/usr/bin/env bash
# A peer removed and added back in mid-transfer goes on afterwards; other peers notice nothing.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
add_client bob
start_all
expect "alice reaches the host" reaches alice "$plain4.2"
expect "bob reaches the host" reaches bob "$plain4.2"

pings bob "$plain4.2" 400 0.02 >"$lab_dir/bob-pings" &
bob=$!
send_file alice host "$plain4.2" 100 >"$lab_dir/transfer.log" 2>&1 &
transfer=$!
wait_until 20 received_more_than 5000000 || fail "the transfer did not begin"

wg set "$(interface_of wg0)" peer "$(key_of alice)" remove
expect "the transfer is still under way" is_running "$transfer"
expect_not "alice is out" reaches alice "$plain4.2" 3
expect "bob lost nothing meanwhile" wait "$bob"
cat "$lab_dir/bob-pings"

wg set "$(interface_of wg0)" peer "$(key_of alice)" allowed-ips "${client_allowed_ips[alice]}" \
    endpoint "$(client_endpoint alice)"
expect "alice is in again" reaches alice "$plain4.2" 25
wait "$transfer" || fail "the transfer did not go on: $(cat "$lab_dir/transfer.log")"
echo "ok: the transfer went on and arrived unchanged"
