#!/usr/bin/env bash
# No memory for another thread's stack: a start is refused in one line, however far it came; a gateway that runs goes
# on, and reloads when there is some again.
source "$(dirname "$0")/lib.sh"

no_threads=${ringway%/*}/tests/support/libno-threads.so
[[ -e $no_threads ]] || fail "$no_threads is not built"
add_network
add_client alice
write_config

start_with() {  # start_with THREADS: what it says is in $lab_dir/said
    RINGWAY_THREADS=$1 LD_PRELOAD=$no_threads on gw timeout 3 "$ringway" --config "$lab_dir/gateway.yaml" \
        --no-console >"$lab_dir/said" 2>&1
}
# DPDK makes the first four, and ends the process itself if it can't.
threads=4 refused=0
while ((threads < 40)); do
    status=0
    start_with "$threads" || status=$?
    ((status != 124)) || break  # it ran until its time was up
    expect_equal "the status of a start with $threads threads" 1 "$status"
    expect "it says why" grep -q '^ringway: .*no thread can be made' "$lab_dir/said"
    threads=$((threads + 1)) refused=$((refused + 1))
done
expect "some starts were refused ($refused), and with $threads threads one was not" test "$refused" -gt 3 -a "$threads" -lt 40

export RINGWAY_NO_THREADS=$lab_dir/no-threads LD_PRELOAD=$no_threads
start_gateway || fail "the gateway did not start"
unset LD_PRELOAD
start_clients || fail "the clients did not start"
is_logged() { grep -q -- "$1" "$lab_dir/gateway.log"; }
touch "$RINGWAY_NO_THREADS"
kill -HUP "$gateway_pid"
expect "a reload without a thread is a failed one" wait_until 10 is_logged "not reloaded: nothing was changed"
expect "and says why" is_logged "no thread can be made for it"
expect "traffic passes" reaches alice "$plain4.2"
rm "$RINGWAY_NO_THREADS"
kill -HUP "$gateway_pid"
expect "the next reload is done" wait_until 10 is_logged " reloaded added=0"
expect "SIGTERM ends the gateway with status 0" stop_gateway
