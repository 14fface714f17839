#!/usr/bin/env bash
# A peer may send from its allowed IPs only, and not from those that another peer holds by a longer
# prefix.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
add_client bob
client_allowed_ips[alice]="$inner4.0/24"
start_all
expect "alice reaches the host" reaches alice "$plain4.2"
expect "bob reaches the host" reaches bob "$plain4.2"

ping_from() { address alice lo "$1/32"; on alice ping -n -q -c 3 -i 0.2 -W 1 -I "$1" "$plain4.2"; }
on host ip route add 10.77.0.0/16 via "$plain4.1"
spawn host seen.log timeout 60 tcpdump -n -l -i eth0 icmp
wait_until 5 grep -q listening "$lab_dir/seen.log"
expect "alice sends from another address of hers" ping_from "$inner4.99"
expect_not "alice does not send from an address that is nobody's" ping_from 10.77.0.1
expect_not "alice does not send from bob's address" ping_from "$(inner4_of bob)"
expect_not "no such packet reached the host" grep -E "10\.77\.0\.1 >|$(inner4_of bob) >" "$lab_dir/seen.log"
expect "alice's session goes on" pings alice "$plain4.2"
