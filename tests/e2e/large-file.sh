#!/usr/bin/env bash
# 100 MB arrive unchanged, each way.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
start_all
expect "alice reaches the host" reaches alice "$plain4.2"
expect "100 MB from alice to the host" send_file alice host "$plain4.2" 100
expect "100 MB from the host to alice" send_file host alice "$(inner4_of alice)" 100
