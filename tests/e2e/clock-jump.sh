#!/usr/bin/env bash
# A peer whose clock was ahead is locked out when it is right again; the gateway says why, and a reset by
# the console or by REST lets it in.
source "$(dirname "$0")/lib.sh"

console=${ringway%/*}/tools/ringway-console
[[ -x $console ]] || fail "$console is not built"
century=3155760000

# Whether an initiation with a clock so many seconds ahead is answered.
calls() {
    on alice "$root/tests/e2e/clock_jump.py" "$lab_dir/alice.key" "$(key_of wg0)" "$outer4.1" "$listen_port" "$1"
}
why() { timeout 20 "$console" --socket "$lab_dir/console.sock" -c "show peer alice"; }

add_network
add_client alice
write_config
start_gateway
tunnel=$(interface_of wg0)

expect "a clock that is right" calls 0
expect "one that is ahead" calls "$century"
expect_not "is the last that is believed" calls 1
expect_not "however often" calls 2
expect_not "it calls" calls 3
expect "the console says why" grep -q 'old timestamp' <<<"$(why)"
expect "a reset on the console" \
    timeout 20 "$console" --socket "$lab_dir/console.sock" -c "peer reset $tunnel alice"
expect "lets it in again" calls 4
expect "ahead once more" calls "$century"
expect_not "and locked out" calls 5
expect "a reset by REST" on gw curl -sf -X POST -H 'Content-Type: application/json' \
    "http://127.0.0.1:8080/api/v1/tunnels/$tunnel/peers/alice/reset"
expect "lets it in" calls 6
expect "no session without a peer to reset" \
    test "$(on gw curl -s -o /dev/null -w '%{http_code}' -X POST -H 'Content-Type: application/json' \
        "http://127.0.0.1:8080/api/v1/tunnels/$tunnel/peers/nobody/reset")" = 404
