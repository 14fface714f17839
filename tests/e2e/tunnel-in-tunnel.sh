#!/usr/bin/env bash
# A WireGuard tunnel between a client and the plain host runs inside the client's tunnel to the
# gateway, with an MTU of 1340.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
start_all
expect "alice reaches the host" reaches alice "$plain4.2"

# inner_end NODE KEY PEER-KEY PEER-ENDPOINT ADDRESS
inner_end() {
    local node=$1 interface
    interface=$(interface_of "in-${1:0:1}")
    WG_PROCESS_FOREGROUND=1 spawn "$node" "inner-$node.log" wireguard-go -f "$interface"
    wait_until 10 test -S "/var/run/wireguard/$interface.sock" || fail "no inner wireguard-go in $node"
    wg set "$interface" private-key "$lab_dir/$2.key" listen-port 51900 \
        peer "$(key_of "$3")" allowed-ips 10.99.0.0/24 endpoint "$4:51900"
    address "$node" "$interface" "$5/24"
    on "$node" ip link set "$interface" mtu 1340 up
}
make_key inner-alice
make_key inner-host
inner_end alice inner-alice inner-host "$plain4.2" 10.99.0.1
inner_end host inner-host inner-alice "$(inner4_of alice)" 10.99.0.2

expect "the inner tunnel works" reaches alice 10.99.0.2
expect "with packets that fill its MTU" on alice ping -n -q -M "do" -c 5 -s $((1340 - 28)) 10.99.0.2
expect "10 MB through both tunnels" send_file alice host 10.99.0.2 10
expect "and back" send_file host alice 10.99.0.1 10
