#!/usr/bin/env bash
# What it costs to list the peers, or to carry out a configuration of all of them, grows with their number
# and not with its square. Instructions are counted, by valgrind, not time.
# timeout: 400
source "$(dirname "$0")/lib.sh"

command -v callgrind_control >/dev/null || skip "valgrind is not installed"
few=300 times=10
# Ten times the peers are at most ten times the work, and something for the depth of trees. The square of it is
# a hundred. (Listings that are cut into pages, or counts, cost less.)
most_times=11

console=${ringway%/*}/tools/ringway-console
tunnel=$(interface_of wg0)
counted=$ringway
ringway=$lab_dir/ringway-counted
max_peers=$((few * times))
cat >"$ringway" <<SH
#!/bin/sh
exec valgrind --tool=callgrind --instr-atstart=no --separate-threads=yes --trace-children=yes --fair-sched=yes \
    --callgrind-out-file="$lab_dir/cost" "$counted" "\$@"
SH
chmod +x "$ringway"

# The configuration of so many peers, each with what a listing may have to look up.
write_peers() {
    write_config
    "$root/tests/e2e/wgclient.py" make-crowd "$1" "$lab_dir/crowd" |
        awk -v network="$outer4" '{ print }
            /public_key/ { ++n; print "        name: peer-" n; print "        endpoint: " network ".200:" 1024 + n }' \
            >>"$lab_dir/gateway.yaml"
}

ask() { timeout 60 "$console" --socket "$lab_dir/console.sock" -c "$1"; }
get() { on gw curl -sf -m 60 "http://127.0.0.1:8080$1"; }
all_pages() {
    local cursor=""
    while [[ $cursor != null ]]; do
        get "/api/v1/tunnels/$tunnel/peers?limit=100${cursor:+&cursor=$cursor}" >"$lab_dir/page" || return 1
        jq -r '.items[].name' "$lab_dir/page"
        cursor=$(jq -r .next_cursor "$lab_dir/page")
    done
}

# The configuration's own peers, all gone and all back.
reload_none() { sed '/^    peers:/,$d' -i "$lab_dir/gateway.yaml" && ask reload; }
reload_all() { cp "$lab_dir/all.yaml" "$lab_dir/gateway.yaml" && ask reload; }

# What is counted, in that order.
listings=(
    "wg show $tunnel dump"
    "all_pages"
    "get /metrics?peers=true"
    "get /api/v1/tunnels"
    "ask 'show peers'"
    "ask 'show peers match 10.'"
    "ask 'show peers top 20 json'"
    "ask 'show routes'"
    "ask save"
    "ask reload"
    "reload_none"
    "reload_all"
)

# instructions_of COMMAND: those that the gateway spends on it, of all its threads. They are in $instructions.
instructions_of() {
    callgrind_control --instr=on "$gateway_pid" >/dev/null
    eval "$1" >"$lab_dir/answer" || return 1
    callgrind_control --instr=off "$gateway_pid" >/dev/null
    callgrind_control --dump "$gateway_pid" >/dev/null
    instructions=$(awk '/^totals:/ { sum += $2 } END { printf "%.0f", sum }' "$lab_dir"/cost.*-*)
    rm "$lab_dir"/cost.*-*
}

# count_all PEERS NAME: the costs of all listings, into the array NAME.
count_all() {
    local -n costs=$2
    local listing
    write_peers "$1"
    cp "$lab_dir/gateway.yaml" "$lab_dir/all.yaml"
    start_gateway
    expect "$1 peers are configured" test "$(wg show "$tunnel" peers | wc -l)" = "$1"
    for listing in "${listings[@]}"; do
        expect "$listing, of $1 peers" instructions_of "$listing"
        costs+=("$instructions")
    done
    expect "all $1 are back" test "$(wg show "$tunnel" peers | wc -l)" = "$1"
    expect "SIGTERM ends the gateway with status 0" stop_gateway
}

add_network
count_all "$few" costs_of_few
count_all "$((few * times))" costs_of_many
grows_too_fast() { ((costs_of_many[$1] > most_times * costs_of_few[$1])); }
too_fast=()
for i in "${!listings[@]}"; do
    printf '%-32s %12d %12d\n' "${listings[i]}" "${costs_of_few[i]}" "${costs_of_many[i]}"
    if grows_too_fast "$i"; then too_fast+=("${listings[i]}"); fi
done
expect_equal "$times times the peers cost at most $most_times times the instructions" "" "${too_fast[*]}"
