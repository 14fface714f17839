#!/usr/bin/env bash
# The gateway answers a client from the address that the client reached it on.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
write_config
sed -i "s|$outer4.1/24|&, $outer4.7/24|" "$lab_dir/gateway.yaml"
start_gateway
start_client alice

for target in "$outer4.7" "$outer4.1" "$outer6:1"; do
    wg set "$(interface_of alice)" peer "$(key_of wg0)" endpoint "$(endpoint "$target" "$listen_port")"
    expect "alice reaches the host by $target" reaches alice "$plain4.2"
    expect "and is answered" pings alice "$plain4.2" 5
    expect_equal "from there" "$(endpoint "$target" "$listen_port")" \
        "$(wg show "$(interface_of alice)" endpoints | cut -f 2)"
done
