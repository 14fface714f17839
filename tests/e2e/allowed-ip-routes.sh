#!/usr/bin/env bash
# route_allowed_ips puts a route for each allowed IP to the tunnel's interface, follows changes, and
# takes its routes away again.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
client_allowed_ips[alice]+=",10.50.0.0/16,fd00:50::/64"
start_all "route_allowed_ips: true"
tunnel=$(interface_of wg0)
has_route() { on gw ip -"$1" route show "$2" dev "$tunnel" | grep -q .; }
has_no_route() { ! has_route "$@"; }

expect "there is a route to 10.50.0.0/16" has_route 4 10.50.0.0/16
expect "there is a route to fd00:50::/64" has_route 6 fd00:50::/64
address alice lo 10.50.7.7/32
expect "the host reaches an address behind alice" reaches alice "$plain4.2"
expect "the host reaches an address behind alice" reaches host 10.50.7.7

wg set "$tunnel" peer "$(key_of alice)" allowed-ips "$inner4.11/32,10.51.0.0/16"
expect "a new allowed IP gets a route" wait_until 5 has_route 4 10.51.0.0/16
expect "an old one loses it" wait_until 5 has_no_route 4 10.50.0.0/16
wg set "$tunnel" peer "$(key_of alice)" remove
expect "a removed peer's routes go" wait_until 5 has_no_route 4 10.51.0.0/16

stop_gateway
write_config "route_allowed_ips: false"
start_gateway
expect_not "route_allowed_ips: false makes none" has_route 4 10.50.0.0/16
