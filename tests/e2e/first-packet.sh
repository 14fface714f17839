#!/usr/bin/env bash
# Packets that come before there is a session wait for the handshake and are then delivered.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice initiator=gateway
start_all

# Neighbours are found first, so that only the handshake is waited for.
expect "the host reaches the gateway" reaches host "$plain4.1"
expect "the gateway's host reaches alice outside the tunnel" reaches gw "$outer4.11"
expect "not one of twenty packets sent at once is lost" pings host "$(inner4_of alice)" 20 0.002
