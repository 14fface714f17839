#!/usr/bin/env bash
# New keys on either side take effect at once, and the old ones are worth nothing then.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
add_client bob
start_all
expect "alice reaches the host" reaches alice "$plain4.2"
expect "bob reaches the host" reaches bob "$plain4.2"

old=$(key_of alice)
make_key alice
wg set "$(interface_of wg0)" peer "$old" remove \
    peer "$(key_of alice)" allowed-ips "${client_allowed_ips[alice]}"
expect_not "alice's old key is worth nothing" reaches alice "$plain4.2" 3
configure_client alice
expect "alice's new key works" reaches alice "$plain4.2" 15

old=$(key_of wg0)
make_key wg0
wg set "$(interface_of wg0)" private-key "$lab_dir/wg0.key"
expect_equal "the gateway has its new key" "$(key_of wg0)" "$(wg show "$(interface_of wg0)" public-key)"
expect_not "bob's sessions with the old key are over" reaches bob "$plain4.2" 3
for client in alice bob; do
    wg set "$(interface_of "$client")" peer "$old" remove
    configure_client "$client"
    expect "$client reaches the gateway by its new key" reaches "$client" "$plain4.2" 15
done
