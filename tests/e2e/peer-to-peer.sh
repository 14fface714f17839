#!/usr/bin/env bash
# patient
# One peer reaches another through the gateway if peer_to_peer allows it, and not otherwise.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
add_client bob outer=6
start_all "peer_to_peer: true"
expect "alice reaches the host" reaches alice "$plain4.2"
expect "bob reaches the host" reaches bob "$plain4.2"  # now the gateway knows where both are
expect "alice reaches bob" reaches alice "$(inner4_of bob)"
expect "bob reaches alice over IPv6" reaches bob "$(inner6_of alice)"
expect "5 MB from alice to bob" send_file alice bob "$(inner4_of bob)" 5

expect "SIGTERM ends the gateway with status 0" stop_gateway
write_config "peer_to_peer: false"
expect "it starts with peer_to_peer: false" start_gateway
expect "alice reaches the host" reaches alice "$plain4.2" 30
expect "bob reaches the host" reaches bob "$plain4.2" 30
expect_not "alice does not reach bob" reaches alice "$(inner4_of bob)" 3
expect_not "bob does not reach alice over IPv6" reaches bob "$(inner6_of alice)" 3
