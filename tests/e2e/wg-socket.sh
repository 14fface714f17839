#!/usr/bin/env bash
# The wg(8) socket is the owner's alone, and malformed or partial input changes nothing.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
start_all
tunnel=$(interface_of wg0)
socket=/var/run/wireguard/$tunnel.sock
expect "alice reaches the host" reaches alice "$plain4.2"
expect_equal "the socket's mode" 600 "$(stat -c %a "$socket")"

ask() { printf '%b' "$1" | timeout 5 nc -N -U "$socket" || true; }
before=$(wg showconf "$tunnel")
alice=$(base64 -d <<<"$(key_of alice)" | od -An -v -tx1 | tr -d ' \n')
zero=$(printf '0%.0s' {1..64})

expect "get answers errno=0" grep -q '^errno=0$' <<<"$(ask 'get=1\n\n')"
refuse() {  # refuse WHAT TEXT
    local answer
    answer=$(ask "$2")
    [[ $answer != *errno=0* ]] || fail "$1 was accepted"
    expect_equal "$1 changes nothing" "$before" "$(wg showconf "$tunnel")"
}
refuse "a port out of range" 'set=1\nlisten_port=65536\n\n'
refuse "an unknown key" 'set=1\nlisten_port=1\nnonsense=1\n\n'
refuse "a short key" 'set=1\npublic_key=1234\nremove=true\n\n'
refuse "a half-good peer" "set=1\npublic_key=$alice\nreplace_allowed_ips=true\nallowed_ip=10.9.0.300/32\n\n"
refuse "an endpoint without a port" "set=1\npublic_key=$alice\nendpoint=192.0.2.9\n\n"
refuse "a line without '='" 'set=1\nlisten_port\n\n'
refuse "an unknown operation" 'frob=1\n\n'
refuse "a request without an end" "set=1\npublic_key=$alice\nremove=true\n"
refuse "ten thousand letters" "set=1\n$(printf 'x%.0s' {1..10000})=1\n\n"
refuse "a peer key of zeros with a bad line after it" "set=1\npublic_key=$zero\nallowed_ip=nowhere\n\n"
expect "alice's session goes on" pings alice "$plain4.2"
