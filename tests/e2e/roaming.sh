#!/usr/bin/env bash
# A client that changes its port, then its address, keeps its session and its TCP connection; the
# gateway follows it.
source "$(dirname "$0")/lib.sh"

gateway_sees() { [[ $(wg show "$(interface_of wg0)" endpoints | cut -f 2) == "$1" ]]; }

# while_sending WHAT COMMAND...: runs the command when a transfer of 100 MB is under way.
while_sending() {
    local what=$1 transfer
    shift
    rm -f "$lab_dir/received"
    send_file alice host "$plain4.2" 100 >"$lab_dir/transfer.log" 2>&1 &
    transfer=$!
    wait_until 20 received_more_than 5000000 || fail "$what: the transfer did not begin"
    "$@"
    is_running "$transfer" || fail "$what: the transfer was over too soon to show anything"
    wait "$transfer" || fail "$what: the transfer failed: $(cat "$lab_dir/transfer.log")"
    echo "ok: $what: the transfer went on and arrived unchanged"
}
change_address() {
    address alice eth0 "$outer4.111/24"
    on alice ip address delete "$outer4.11/24" dev eth0
    # wireguard-go holds on to the source address it used last until it is told the endpoint again.
    wg set "$(interface_of alice)" peer "$(key_of wg0)" endpoint "$(gateway_endpoint alice)"
}

add_network
add_client alice
on alice sysctl -qw net.ipv4.conf.eth0.promote_secondaries=1  # the new address outlives the old
start_all
expect "alice reaches the host" reaches alice "$plain4.2"
handshakes=$(wg show "$(interface_of wg0)" latest-handshakes)

while_sending "alice changes her port" wg set "$(interface_of alice)" listen-port 40000
expect "the gateway sees the new port" gateway_sees "$outer4.11:40000"
while_sending "alice changes her address" change_address
expect "the gateway sees the new address" gateway_sees "$outer4.111:40000"
expect_equal "it was one session all the time" "$handshakes" "$(wg show "$(interface_of wg0)" latest-handshakes)"
expect "the host reaches alice at her new address" pings host "$(inner4_of alice)"

# The log is an audit log.
told() { grep "events: $1" "$lab_dir/gateway.log" | grep -c -- "$2" || true; }
expect_equal "the gateway told once that alice is up" 1 "$(told peer_up 'peer=alice .*role=responder')"
expect_equal "that she roamed to another port" 1 "$(told peer_roamed "endpoint=$outer4.11:40000")"
expect_equal "and from there to another address" 1 \
    "$(told peer_roamed "from=$outer4.11:40000 endpoint=$outer4.111:40000")"
