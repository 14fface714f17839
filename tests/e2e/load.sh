#!/usr/bin/env bash
# ringway-load works with Ringway over veth and over memif, and with wireguard-go: all that it sends comes back
# once, whole and in order. It refuses what it can't do.
# timeout: 300
source "$(dirname "$0")/lib.sh"

load=${RINGWAY_LOAD:-$root/build/tools/ringway-load}
[[ -x $load ]] || fail "$load is not built"
peers=20

# The load's own node, with a cable to each side of NODE. It has no host stack to disturb it.
add_load_node() {
    add_node load
    on load sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
    link "$1" wan load cipher
    link "$1" lan load plain
}

# run_load WHAT LOG [OPTION...]: a short load over veth, or over the DEVICES that are set.
run_load() {
    local what=$1 result=$lab_dir/$2.json
    shift 2
    expect "$what: it runs" on load timeout 60 "$load" --peers "$peers" --quiet --json "$result" \
        --cipher-port "${cipher_device:-net_af_packet0,iface=cipher}" \
        --plain-port "${plain_device:-net_af_packet1,iface=plain}" \
        --verify 1 --duration 1 --warm-up 0.2 --outstanding 32 "$@"
    local direction
    for direction in $(jq -r '.load.trials[0] | keys[]' "$result" | grep crypt); do
        expect_equal "$what, $direction: packets lost, twice, corrupt, reordered" "0 0 0 0" "$(jq -r \
            ".load.trials[0].$direction | \"\(.lost) \(.duplicates + .ancient) \(.corrupt) \(.reordered)\"" "$result")"
        expect "$what, $direction: all of many were compared" jq -e \
            ".load.trials[0].$direction | .matched > 100 and .compared == .received" "$result"
    done
}

# write_gateway [OPTION...]: the configuration that the load writes, for a busy machine.
write_gateway() {
    "$load" --peers "$peers" --write-config "$lab_dir/gateway.yaml" "$@"
    sed -i "s/^system:.*/system: {memory: 64, hugepages: off, idle: adaptive, max_peers: 100}/
            s/name: wg0/name: $(interface_of wg0)/" "$lab_dir/gateway.yaml"
}

# --- what it refuses ---

refuses() {  # refuses WORDS OPTION...
    local words=$1
    shift
    if "$load" "$@" >"$lab_dir/output" 2>&1; then return 1; fi
    grep -qF -- "$words" "$lab_dir/output"
}
expect "a missing port is named" refuses "--cipher-port: is required"
expect "a size without room for a stamp is refused" refuses "--size: 40 bytes are too few" --cipher-port x --size 40
expect "an unknown option is named" refuses "--sise" --cipher-port x --sise 64
expect "a device that is not there is named" refuses "net_af_packet0,iface=none" \
    --cipher-port net_af_packet0,iface=none
expect "help has all options" "$load" --help

# --- Ringway ---

add_node gw
add_load_node gw
write_gateway
start_gateway || fail "the gateway did not start"
run_load "Ringway over veth" veth --direction both --size imix
expect "a rate is found" on load timeout 100 "$load" --peers "$peers" --quiet --json "$lab_dir/search.json" \
    --chart "$lab_dir/search.svg" --cipher-port net_af_packet0,iface=cipher --plain-port net_af_packet1,iface=plain \
    --search --max-loss 50 --max-rate 2k --precision 50 --duration 0.3
expect "the search has a result" jq -e '.results[0].name == "af_packet/encrypt/64/peers20" and .results[0].value > 0' \
    "$lab_dir/search.json"
expect "the chart is drawn" grep -q '^</svg>' "$lab_dir/search.svg"
expect "handshakes are counted" on load timeout 60 "$load" --peers "$peers" --quiet --json "$lab_dir/handshakes.json" \
    --cipher-port net_af_packet0,iface=cipher --direction handshakes --shares 2:1:1 --rate 200 --duration 2
expect "valid ones are answered, others not" jq -e '.load.handshakes
    | .responses_received > 10 and .refused == 0' "$lab_dir/handshakes.json"
expect "SIGTERM ends the gateway with status 0" stop_gateway

write_gateway --responder
start_gateway || fail "the gateway did not start"
run_load "Ringway begins the handshakes" responder --responder --direction both
expect_equal "the load began none" 0 "$(jq .load.handshakes.initiations_sent "$lab_dir/responder.json")"
expect "SIGTERM ends the gateway with status 0" stop_gateway

six=(--gateway 2001:db8:2::1 --cipher-address 2001:db8:2::2/64 --peer-address 2001:db8:9::1 --peers-per-address 4
    --plain-address fd00:a::2/64 --plain-next-hop fd00:a::1 --inner-address fd00:9::1)
write_gateway "${six[@]}" --preshared-keys
start_gateway || fail "the gateway did not start"
run_load "all in IPv6" six "${six[@]}" --preshared-keys --direction both --size 64,1280
expect "SIGTERM ends the gateway with status 0" stop_gateway

memif_of() { echo "net_memif$1,role=$2,socket=$lab_dir/$3.sock,socket-abstract=no,id=$1"; }
write_gateway --config-cipher-device "$(memif_of 0 server wan)" --config-plain-device "$(memif_of 1 server lan)"
start_gateway || fail "the gateway did not start"
cipher_device=$(memif_of 0 client wan) plain_device=$(memif_of 1 client lan) \
    run_load "Ringway over memif" memif --direction both --size imix
expect "SIGTERM ends the gateway with status 0" stop_gateway

# --- wireguard-go ---

ip netns delete "$(namespace_of load)"
add_node other
add_load_node other
interface=$(interface_of other)
"$load" --peers "$peers" --write-wg "$lab_dir/other.conf"
WG_PROCESS_FOREGROUND=1 spawn other other.log wireguard-go -f "$interface"
expect "wireguard-go starts" wait_until 10 test -S "/var/run/wireguard/$interface.sock"
expect "wg takes the list" wg setconf "$interface" "$lab_dir/other.conf"
on other sysctl -qw net.ipv4.ip_forward=1
address other wan 192.0.2.1/24
address other lan 10.0.0.1/24
on other ip link set "$interface" up
on other ip route add 198.18.0.0/24 via 192.0.2.2
on other ip route add 10.64.0.0/24 dev "$interface"
run_load "wireguard-go" other --direction both --size 64,1420
