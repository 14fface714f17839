#!/usr/bin/env bash
# TCP and UDP streams pass both ways, and paced UDP without loss worth the name.
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
stream "UDP from alice" -u -b 20M -l 1300
expect "at most 1 % of it is lost" jq -e '.end.sum.lost_percent <= 1' "$lab_dir/iperf3.json"
stream "UDP to alice" -u -b 20M -l 1300 -R
expect "at most 1 % of it is lost" jq -e '.end.sum.lost_percent <= 1' "$lab_dir/iperf3.json"
