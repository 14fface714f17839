#!/usr/bin/env bash
# A gateway with two ways out answers by the port and from the address it was reached on, and follows
# the route when that leads elsewhere.
source "$(dirname "$0")/lib.sh"

second4=198.51.100
add_network
add_client alice
link gw dsl alice eth1
address alice eth1 "$second4.11/24"
write_config
sed -i "s|^  - name: lan|  - name: dsl\n    device: \"net_af_packet2,iface=dsl\"\n    host: {interface: rw-dsl, addresses: [$second4.1/24]}\n&|" \
    "$lab_dir/gateway.yaml"
start_gateway || fail "the gateway did not start"
start_client alice

# answers_by ADDRESS PORT: alice calls that address, and hears from it, by that port.
answers_by() {
    wg set "$(interface_of alice)" peer "$(key_of wg0)" endpoint "$(endpoint "$1" "$listen_port")"
    expect "alice reaches the host by $1" reaches alice "$plain4.2"
    expect "and is answered" pings alice "$plain4.2" 5
    expect_equal "from $1" "$(endpoint "$1" "$listen_port")" "$(heard_from)"
    expect_equal "by port $2" "$2" "$(port_in_use)"
}
heard_from() { wg show "$(interface_of alice)" endpoints | cut -f 2; }
port_in_use() {
    on gw curl -s "http://127.0.0.1:8080/api/v1/tunnels/$(interface_of wg0)/peers/alice" | jq -r .port
}

answers_by "$second4.1" dsl
answers_by "$outer4.1" wan
answers_by "$second4.1" dsl

on gw ip route add "$second4.11/32" via "$outer4.11" dev rw-wan
expect "the way to alice leads through the other port now" reaches alice "$plain4.2"
moved() { [[ $(heard_from) == "$(endpoint "$outer4.1" "$listen_port")" ]]; }
expect "and so the gateway speaks from that port's address" wait_until 5 moved
expect "without a break" pings alice "$plain4.2" 10
