#!/usr/bin/env bash
# What can't be done at the start is named in one line, ends the gateway with status 1, and leaves
# the host as it was.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
write_config
on gw ip address add 198.51.100.1/24 dev wan
tunnel=$(interface_of wg0)
socket=/var/run/wireguard/$tunnel.sock
snapshot() {
    on gw ip -o address show | sed 's/ valid_lft.*//'
    on gw ip route show
    on gw nft list tables
}

# refuses WHAT MESSAGE [LIMIT...]: the gateway, started by the command LIMIT, does not start and says so.
refuses() {
    local what=$1 message=$2 status=0
    shift 2
    snapshot >"$lab_dir/before"
    on gw timeout 60 "$@" "$ringway" --config "$lab_dir/gateway.yaml" --no-console >"$lab_dir/said" 2>&1 || status=$?
    cat "$lab_dir/said"
    expect_equal "$what: the status" 1 "$status"
    expect "$what is named" grep -q "^ringway: .*$message" "$lab_dir/said"
    snapshot >"$lab_dir/after"
    expect "the host is as before" diff "$lab_dir/before" "$lab_dir/after"
}

on gw ip link add "$tunnel" type veth peer name other
refuses "an interface of the tunnel's name" "TUN $tunnel.*an interface of that name exists"
on gw ip link delete "$tunnel"

spawn gw listen.log nc -d -u -l "$listen_port"
taker=$spawned
wait_until 5 is_listening gw u "$listen_port" || fail "nc does not listen"
refuses "a listen port in use" "listen on UDP port $listen_port.*Address already in use"
end_processes "$taker" || true

mkdir -p /var/run/wireguard
spawn gw socket.log nc -d -l -k -U "$socket"
taker=$spawned
wait_until 5 test -S "$socket" || fail "nc does not listen"
refuses "a wg(8) socket in use" "$socket.*Address already in use"
end_processes "$taker" || true
rm -f "$socket"

on gw ip link add br0 type bridge
on gw ip link set wan master br0
refuses "a port in a bridge" "guard wan.*bridge"
on gw ip link set wan nomaster
on gw ip link delete br0

sed -i 's/iface=lan/iface=nosuch/' "$lab_dir/gateway.yaml"
refuses "a missing interface" "find interface nosuch: No such device"
sed -i 's/iface=nosuch/iface=lan/' "$lab_dir/gateway.yaml"

sed -i 's/net_af_packet1/net_nosuch1/' "$lab_dir/gateway.yaml"
refuses "an unknown driver" "net_nosuch1.*no driver of DPDK knows it"
sed -i 's/net_nosuch1/net_af_packet1/' "$lab_dir/gateway.yaml"

sed -i 's/memory: 128/memory: 900000/' "$lab_dir/gateway.yaml"
refuses "too little memory" "system.memory asks for 900000 MiB, but only [0-9]* MiB are available"
sed -i 's/hugepages: off/hugepages: required/' "$lab_dir/gateway.yaml"
refuses "too few huge pages" "DPDK can't start.*needs 900000 MiB of free huge pages, and there are [0-9]*"
sed -i 's/hugepages: required/hugepages: off/; s/memory: 900000/memory: 128/' "$lab_dir/gateway.yaml"
refuses "too little memory that may be locked" "limit 'memlock' too low" \
    prlimit --memlock=65536 setpriv --bounding-set -ipc_lock --inh-caps -ipc_lock
refuses "too few descriptors" "Too many open files" prlimit --nofile=32

sed -i "s/interface: rw-lan,/&  netns: $(namespace_of host),/" "$lab_dir/gateway.yaml"
refuses "a namespace that may not be entered" "enter namespace.*needs CAP_SYS_ADMIN" \
    setpriv --bounding-set -sys_admin --inh-caps -sys_admin
sed -i "s/  netns: [^,]*,//" "$lab_dir/gateway.yaml"

said=$(on gw setpriv --bounding-set -net_admin "$ringway" --config "$lab_dir/gateway.yaml" 2>&1) && fail "started without privileges"
expect "a missing privilege is named first" grep -q "needs CAP_NET_ADMIN" <<<"$said"
expect "a mistyped option is named" grep -q -- "--bogus" <<<"$("$ringway" --bogus 2>&1)"

start_gateway
expect "and with nothing in the way it starts" is_running "$gateway_pid"
start_clients
expect "alice reaches the host" reaches alice "$plain4.2"
refuses "a second start" "another process guards it"
expect "which does the first no harm" reaches alice "$plain4.2" 2
expect "and stops with status 0" stop_gateway
