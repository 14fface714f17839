#!/usr/bin/env bash
# A peer with a preshared key is reached with that key and with no other.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice psk=yes
add_client mallet psk=yes
write_config
start_gateway
cp "$lab_dir/mallet.psk" "$lab_dir/right.psk"
wg genpsk >"$lab_dir/mallet.psk"  # the gateway has read the other one
start_clients

expect "alice reaches the host with the common key" reaches alice "$plain4.2"
expect_not "mallet does not with another one" reaches mallet "$plain4.2" 6
wg set "$(interface_of mallet)" peer "$(key_of wg0)" preshared-key /dev/null
expect_not "nor without one" reaches mallet "$plain4.2" 6
wg set "$(interface_of mallet)" peer "$(key_of wg0)" preshared-key "$lab_dir/right.psk"
expect "mallet does with the right one" reaches mallet "$plain4.2" 15
