#!/usr/bin/env bash
# SIGTERM ends the gateway with status 0, and nothing it made in the host is left.
source "$(dirname "$0")/lib.sh"

# Interfaces, addresses, routes, rules, firewall and settings of the gateway's host.
snapshot() {
    on gw ip -o link show | sed 's/^[0-9]*: //; s/ state .*//'
    on gw ip -o address show | sed 's/^[0-9]*: //'
    on gw ip route show table all
    on gw ip -6 route show table all
    on gw ip rule
    on gw nft list ruleset
    on gw tc qdisc show
    on gw sysctl -a 2>/dev/null | grep -E '^net\.ipv[46]\.(conf|ip_forward)' | grep -vE 'stable_secret'
}

add_network
add_client alice
snapshot >"$lab_dir/before"
start_all "route_allowed_ips: true"
expect "alice reaches the host" reaches alice "$plain4.2"
expect "SIGTERM ends the gateway with status 0" stop_gateway
snapshot >"$lab_dir/after"
expect "the host is as before" diff "$lab_dir/before" "$lab_dir/after"
expect_not "the wg(8) socket is gone" test -e "/var/run/wireguard/$(interface_of wg0).sock"
expect_not "the console's socket is gone" test -e "$lab_dir/console.sock"
