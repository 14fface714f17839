#!/usr/bin/env bash
# The gateway opens the session when a packet waits for a peer whose endpoint it knows; the client
# knows no endpoint of the gateway.
source "$(dirname "$0")/lib.sh"

add_network
add_client four initiator=gateway
add_client six initiator=gateway outer=6 psk=yes
start_all

for client in four six; do
    expect_equal "$client knows no endpoint" "(none)" \
        "$(wg show "$(interface_of "$client")" endpoints | cut -f 2)"
    expect "the host reaches $client" reaches host "$(inner4_of "$client")"
    expect "$client answers over the same session" pings "$client" "$plain4.2" 5
done
