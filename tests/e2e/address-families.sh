#!/usr/bin/env bash
# IPv4 and IPv6 inside the tunnel, each over IPv4 and IPv6 outside.
source "$(dirname "$0")/lib.sh"

add_network
add_client four outer=4
add_client six outer=6
start_all

for client in four six; do
    for target in "$plain4.2" "$plain6:2"; do
        expect "$client (outer IPv${client_outer[$client]}) reaches $target" reaches "$client" "$target"
        expect "$client pings $target" pings "$client" "$target" 10
        expect "$client pings $target with packets that fill the MTU" \
            on "$client" ping -n -q -M "do" -c 3 -s $((1420 - 48)) "$target"
        expect "$client sends 5 MB to $target" send_file "$client" host "$target" 5
    done
    for target in "$(inner4_of "$client")" "$(inner6_of "$client")"; do
        expect "the host pings $target" pings host "$target" 10
        expect "the host sends 5 MB to $target" send_file host "$client" "$target" 5
    done
done
