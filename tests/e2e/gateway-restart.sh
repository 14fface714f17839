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

kill -KILL "$gateway_pid"
wait_until 5 all_ended "$gateway_pid"
expect "it starts again after SIGKILL, too" start_gateway
expect "alice recovers" reaches alice "$plain4.2" 30
