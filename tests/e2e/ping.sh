#!/usr/bin/env bash
# A client reaches the gateway and the plain host through the tunnel, and the host the client.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
start_all

expect "alice reaches the gateway's tunnel address" reaches alice "$inner4.1"
expect "alice reaches the plain host" reaches alice "$plain4.2"
expect "alice's pings are all answered" pings alice "$plain4.2" 10
expect "the plain host reaches alice" pings host "$(inner4_of alice)" 10
expect "SIGTERM ends the gateway with status 0" stop_gateway
