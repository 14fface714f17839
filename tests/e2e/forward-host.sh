#!/usr/bin/env bash
# With 'forward: host' the host's firewall filters and masquerades decrypted traffic.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
on gw sysctl -qw net.ipv4.ip_forward=1
start_all "forward: host"
on gw nft -f - <<NFT
table inet test {
    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state established,related accept
        iifname "$(interface_of wg0)" oifname "rw-lan" icmp type echo-request counter accept
        iifname "$(interface_of wg0)" oifname "rw-lan" tcp dport 5001 counter accept
    }
    chain postrouting {
        type nat hook postrouting priority srcnat;
        oifname "rw-lan" masquerade
    }
}
NFT
on host ip route delete default  # only a masqueraded packet can be answered

spawn host seen.log timeout 60 tcpdump -n -l -i eth0 icmp
expect "alice reaches the host, masqueraded" reaches alice "$plain4.2"
expect "a hundred pings are answered" pings alice "$plain4.2" 100 0.02
expect "the host saw the gateway's address" grep -q "$plain4.1 > $plain4.2: ICMP echo request" "$lab_dir/seen.log"
expect_not "and not alice's" grep -q "$(inner4_of alice) > $plain4.2" "$lab_dir/seen.log"
expect "5 MB over an allowed port" send_file alice host "$plain4.2" 5

spawn host other.log nc -d -l "$plain4.2" 7777
wait_until 5 is_listening host t 7777
expect_not "another port is filtered" on alice nc -z -w 3 "$plain4.2" 7777
