#!/usr/bin/env bash
# TCP and UDP streams pass both ways, and the gateway loses nothing of paced UDP.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
start_all
expect "alice reaches the host" reaches alice "$plain4.2"

# stream WHAT [IPERF3 OPTION...]
stream() {
    local what=$1 rate
    shift
    rate=$(throughput alice host "$plain4.2" 3 "$@") || fail "$what"
    ((rate > 0)) || fail "$what: nothing arrived"
    echo "ok: $what: $rate Mbit/s"
}

stream "TCP from alice"
stream "TCP to alice" -R
stream "four TCP streams both ways" --bidir -P 4
# A busy machine may lose datagrams before they reach a port: what came in must go out.
udp_stream() {
    local what=$1 drops
    drops=$(gateway_total drops)
    stream "$@"
    expect_equal "the gateway drops none of it" "$drops" "$(gateway_total drops)"
}
udp_stream "UDP from alice" -u -b 10M -l 1300
udp_stream "UDP to alice" -u -b 10M -l 1300 -R
