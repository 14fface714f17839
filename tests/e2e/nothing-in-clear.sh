#!/usr/bin/env bash
# On an af_packet port the kernel sees every frame, too: with forwarding on it must neither forward
# packets of the tunnel in clear nor answer WireGuard packets, nor see its own packets twice.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
add_client bob
on gw sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
write_config
start_gateway
start_client alice  # bob stays away: packets for him have nowhere to go

spawn net tcpdump.log tcpdump -Z root -i gw-wan -U -w "$lab_dir/wan.pcap"
wait_until 5 test -s "$lab_dir/wan.pcap" || fail "tcpdump did not start"
spawn host tcpdump-host.log tcpdump -Z root -i eth0 -U -w "$lab_dir/lan.pcap"
wait_until 5 test -s "$lab_dir/lan.pcap" || fail "tcpdump did not start"

expect "alice reaches the host" reaches alice "$plain4.2"
expect "a hundred pings are answered" on alice ping -n -q -c 100 -i 0.02 -s 777 "$plain4.2"
expect_not "none is answered twice" grep -q duplicates "$lab_dir/output"
hundred="icmp[icmptype] = icmp-echo and ip[2:2] = $((777 + 28))"
expect_not "bob is not there" reaches host "$(inner4_of bob)" 2
expect_not "nor over IPv6" reaches host "$(inner6_of bob)" 2
expect_not "10.9.0.200 is nobody's" reaches host "$inner4.200" 2
expect "5 MB from alice" send_file alice host "$plain4.2" 5
sleep 0.5

clear="net $inner4.0/24 or net $plain4.0/24 or net fd00::/16"
on net tcpdump -n -r "$lab_dir/wan.pcap" -c 5 "$clear" 2>/dev/null
count() { on net tcpdump -n -r "$lab_dir/$1.pcap" "$2" 2>/dev/null | wc -l; }
expect_equal "packets in clear on the cipher side" 0 "$(count wan "$clear")"
expect_equal "ICMP answers to WireGuard packets" 0 "$(count wan "icmp[icmptype] = icmp-unreach")"
expect_equal "WireGuard packets on the plain side" 0 "$(count lan "udp port $listen_port")"
expect_equal "each of a hundred requests came to the plain side once" 100 "$(count lan "$hundred")"
