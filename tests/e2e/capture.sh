#!/usr/bin/env bash
# With huge pages, DPDK's dpdk-dumpcap captures packets of a running gateway; and in the memory that it and
# every other such process can map, there is no key.
source "$(dirname "$0")/lib.sh"

command -v dpdk-dumpcap >/dev/null || skip "dpdk-dumpcap (Debian's dpdk-dev) is not installed"

# Huge pages for as long as this runs. Others on this machine may use some: ours come on top.
pages=/proc/sys/vm/nr_hugepages
wanted=160  # 128 MiB for the gateway, the rest for what captures
before_pages=$(<$pages)
give_back() {
    umount "$lab_dir/huge" 2>/dev/null
    echo "$before_pages" >$pages
}
free_pages() { awk '/^HugePages_Free/ {print $2}' /proc/meminfo; }
[[ $(awk '/^Hugepagesize/ {print $2}' /proc/meminfo) == 2048 ]] || skip "huge pages are not of 2 MiB"
echo $((before_pages + wanted)) >$pages 2>/dev/null || skip "huge pages can't be had on this machine"
lab_at_close+=(give_back)
(($(free_pages) >= wanted)) || skip "there is no room for $wanted huge pages"
mkdir "$lab_dir/huge"
mount -t hugetlbfs -o pagesize=2M ringway "$lab_dir/huge" 2>/dev/null || skip "hugetlbfs can't be mounted"

add_network
add_client alice psk=yes
write_config
sed -i 's/hugepages: off/hugepages: required/' "$lab_dir/gateway.yaml"
start_gateway || fail "the gateway did not start"
start_clients
expect "alice reaches the host" reaches alice "$plain4.2"
expect "the log names the prefix" grep -q "DPDK's tools find this process prefix=.* capture=" "$lab_dir/gateway.log"
prefix=$(grep -o "find this process prefix=[^ ]*" "$lab_dir/gateway.log" | cut -d = -f 2)

spawn alice steady.log ping -n -q -i 0.02 -p 52696e6777617921 "$plain4.2"
expect "dpdk-dumpcap captures" on gw timeout 60 dpdk-dumpcap --file-prefix="$prefix" -i net_af_packet0 -c 20 -P -w "$lab_dir/wan.pcap"
expect "what it caught is WireGuard" test "$(tcpdump -nr "$lab_dir/wan.pcap" "udp port $listen_port" 2>/dev/null | wc -l)" -gt 0
expect "traffic goes on" pings alice "$plain4.2"

# How often each secret, and a packet's payload to see that this finds anything, lies in shared memory.
in_memory() { python3 - "$lab_dir/huge" "$1" <<'PYTHON'
import base64, pathlib, sys
folder, what = sys.argv[1:]
secret = b"Ringway!" * 2 if what == "payload" else base64.b64decode(open(what).read())
print(sum(file.read_bytes().count(secret) for file in pathlib.Path(folder).iterdir()))
PYTHON
}
expect "packets lie in the memory that others can map" test "$(in_memory payload)" -gt 0
expect_equal "the gateway's private key does not" 0 "$(in_memory "$lab_dir/wg0.key")"
expect_equal "nor does a preshared key" 0 "$(in_memory "$lab_dir/alice.psk")"

expect "SIGTERM ends the gateway with status 0" stop_gateway
expect_equal "and it gives its huge pages back" "" "$(ls "$lab_dir/huge")"
