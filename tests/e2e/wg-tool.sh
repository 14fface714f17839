#!/usr/bin/env bash
# wg(8) shows and changes a running gateway: show, set, addconf, syncconf, setconf, showconf.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
add_client bob psk=yes
start_all "fwmark: 0"
tunnel=$(interface_of wg0)
field() { wg show "$tunnel" "$1" | awk -v key="$(key_of "$2")" '$1 == key { $1 = ""; print substr($0, 2) }'; }

expect "alice reaches the host" reaches alice "$plain4.2"
expect_equal "show public-key" "$(key_of wg0)" "$(wg show "$tunnel" public-key)"
expect_equal "show private-key" "$(cat "$lab_dir/wg0.key")" "$(wg show "$tunnel" private-key)"
expect_equal "show listen-port" "$listen_port" "$(wg show "$tunnel" listen-port)"
expect_equal "show endpoints" "$(client_endpoint alice)" "$(field endpoints alice)"
expect_equal "show allowed-ips" "$inner4.11/32 $inner6:11/128" "$(field allowed-ips alice)"
expect_equal "show preshared-keys" "$(cat "$lab_dir/bob.psk")" "$(field preshared-keys bob)"
read -r received sent <<<"$(field transfer alice)"
expect "transfer counts both ways ($received, $sent)" test "$received" -gt 0 -a "$sent" -gt 0

wg set "$tunnel" peer "$(key_of bob)" persistent-keepalive 25 allowed-ips 10.9.7.0/24,10.9.8.0/24
expect_equal "set persistent-keepalive" 25 "$(field persistent-keepalive bob)"
expect_equal "set allowed-ips" "10.9.7.0/24 10.9.8.0/24" "$(field allowed-ips bob)"
wg set "$tunnel" peer "$(key_of alice)" allowed-ips "${client_allowed_ips[alice]},10.9.8.0/24"
expect_equal "an allowed IP given to another peer moves" "10.9.7.0/24" "$(field allowed-ips bob)"

handshake=$(field latest-handshakes alice)
wg showconf "$tunnel" >"$lab_dir/wg.conf"
sed -i 's/^PersistentKeepalive = 25$/PersistentKeepalive = 13/' "$lab_dir/wg.conf"
wg syncconf "$tunnel" "$lab_dir/wg.conf"
expect_equal "syncconf changes what differs" 13 "$(field persistent-keepalive bob)"
expect_equal "syncconf keeps the sessions of others" "$handshake" "$(field latest-handshakes alice)"
expect "alice's session goes on" pings alice "$plain4.2"

printf '[Interface]\nPrivateKey = %s\nListenPort = 51999\n' "$(cat "$lab_dir/wg0.key")" >"$lab_dir/empty.conf"
wg setconf "$tunnel" "$lab_dir/empty.conf"
expect_equal "setconf removes peers" "" "$(wg show "$tunnel" peers)"
expect_equal "setconf sets the port" 51999 "$(wg show "$tunnel" listen-port)"
wg setconf "$tunnel" "$lab_dir/wg.conf"
expect "setconf brings alice back" reaches alice "$plain4.2" 25
