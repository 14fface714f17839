#!/usr/bin/env bash
# Two tunnels with keys, ports and peers of their own, side by side and into one another.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
add_client bob tunnel=wg1 port=51821
{
    system_yaml
    ports_yaml
    echo "tunnels:"
    tunnel_yaml wg0 51820 "$inner4.1/32, \"$inner6:1/128\"" "route_allowed_ips: true"
    tunnel_yaml wg1 51821 "$inner4.3/32, \"$inner6:3/128\"" "route_allowed_ips: true"
} >"$lab_dir/gateway.yaml"
start_gateway
start_clients

expect "alice reaches the host through wg0" reaches alice "$plain4.2"
expect "bob reaches the host through wg1" reaches bob "$plain4.2"
expect "alice reaches bob, out of one tunnel and into the other" reaches alice "$(inner4_of bob)"
expect "and over IPv6" reaches bob "$(inner6_of alice)"
expect "5 MB from alice to bob" send_file alice bob "$(inner4_of bob)" 5
expect_equal "wg1 has one peer" "$(key_of bob)" "$(wg show "$(interface_of wg1)" peers)"
wg set "$(interface_of bob)" peer "$(key_of wg1)" endpoint "$outer4.1:51820"
expect_not "wg0 does not answer the key of wg1" reaches bob "$plain4.2" 6
