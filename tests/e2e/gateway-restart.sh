#!/usr/bin/env bash
# patient
# After a restart of the gateway its clients recover by themselves, within their timers.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
add_client bob psk=yes outer=6
start_all
expect "alice reaches the host" reaches alice "$plain4.2"
expect "bob reaches the host" reaches bob "$plain4.2"

expect "SIGTERM ends the gateway with status 0" stop_gateway
expect_not "nothing passes without it" reaches alice "$plain4.2" 2
expect "it starts again" start_gateway
# A client notices after KEEPALIVE_TIMEOUT + REKEY_TIMEOUT = 15 s without an answer.
expect "alice recovers" reaches alice "$plain4.2" 30
expect "bob recovers" reaches bob "$plain4.2" 30

# The socket of a memif server is a file that the driver does not replace: it is among what SIGKILL leaves.
cat >>"$lab_dir/memif.yaml" <<YAML
  - {name: spare, device: "net_memif0,role=server,socket=$lab_dir/memif.sock,socket-abstract=no"}
YAML
sed -i "/^ports:/r $lab_dir/memif.yaml" "$lab_dir/gateway.yaml"
expect "it stops" stop_gateway
expect "it starts with a memif server" start_gateway
expect "the memif server listens" test -S "$lab_dir/memif.sock"

kill -KILL "$gateway_pid"
wait_until 5 all_ended "$gateway_pid"
expect_not "no interface is left" on gw ip link show rw-wan
expect "sockets are" test -S "$lab_dir/memif.sock" -a -S "/var/run/wireguard/$(interface_of wg0).sock"
expect "it starts again after SIGKILL, too" start_gateway
expect "alice recovers" reaches alice "$plain4.2" 30
