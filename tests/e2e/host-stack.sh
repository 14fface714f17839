#!/usr/bin/env bash
# The gateway's own addresses, on ports and tunnels, are ordinary addresses of its host: ARP, ND,
# ICMP and TCP work on them, from outside, from the plain side and through the tunnel.
source "$(dirname "$0")/lib.sh"

refused() { { on "$1" nc -v -w 2 "$2" 9 </dev/null 2>&1 || true; } | grep refused; }

add_network
add_client alice
start_all

for target in "$plain4.1" "$plain6:1"; do
    expect "the plain host reaches $target" reaches host "$target"
    expect "each ping to $target is answered once" pings host "$target" 20
    expect_not "none is answered twice" grep -q duplicates "$lab_dir/output"
    expect "5 MB over TCP to $target" send_file host gw "$target" 5
done
expect "5 MB over TCP from the gateway to the host" send_file gw host "$plain4.2" 5
for target in "$outer4.1" "$outer6:1"; do
    expect "alice reaches $target outside the tunnel" reaches alice "$target"
done
expect "the gateway's host reaches alice outside the tunnel" reaches gw "$outer4.11"
for target in "$inner4.1" "$inner6:1"; do
    expect "alice reaches $target through the tunnel" reaches alice "$target"
    expect "each ping to $target is answered" pings alice "$target" 20
    expect "5 MB over TCP to $target" send_file alice gw "$target" 5
done
for target in "$(inner4_of alice)" "$(inner6_of alice)"; do
    expect "the gateway's host reaches alice at $target" reaches gw "$target"
    expect "5 MB over TCP to $target" send_file gw alice "$target" 5
done
expect "a closed port is refused by the host, not swallowed" refused host "$plain4.1"

# What the kernel remembers of a flood, whose sources are all different, fills its table of 1024 neighbours, and no
# new one finds a place. Some are let through: a quarter second's at once, and 100 a second.
flood() {  # flood KIND SOURCES: of these the kernel then remembers so many
    local number
    spawn alice flood.log "$root/tests/hostile/host_flood.py" "$1" eth0 "$(on gw cat /sys/class/net/wan/address)" \
        "$outer4.1" "$outer6:1" 1
    sleep 4
    number=$(on gw ip neigh show dev rw-wan | grep -c "^$2")
    end_processes "$spawned" || true  # by a signal
    echo "the kernel remembers $number"
    ((number > 100 && number < 700))
}
expect "a flood of ARP leaves the kernel room for new neighbours" flood arp 10.99.
expect "a flood of ND leaves the kernel room for new neighbours" flood nd fe80::
