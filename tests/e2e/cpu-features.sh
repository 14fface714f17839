#!/usr/bin/env bash
# A CPU that lacks instructions, as qemu shows the program one: what is wanted is named, and what can be done without
# them is done.
source "$(dirname "$0")/lib.sh"

program=$ringway

# as_on CPU ARGUMENT...: the program on that model, and what it says without qemu's own warnings. It must not begin
# anew: that would be on the CPU that there is.
as_on() {
    local model=$1 status=0
    shift
    LD_BIND_NOW=1 timeout 120 qemu-x86_64 -cpu "$model" "$program" "$@" >"$lab_dir/said" 2>&1 || status=$?
    grep -v '^qemu-x86_64: warning' "$lab_dir/said" || true
    return "$status"
}
refuses() {  # refuses MESSAGE CPU ARGUMENT...
    local message=$1 status=0
    shift
    as_on "$@" >"$lab_dir/refused" || status=$?
    cat "$lab_dir/refused"
    ((status == 1)) && grep -q "^$(basename "$program"): $message" "$lab_dir/refused"
}
load_refuses() { program=${RINGWAY_LOAD:-$root/build/tools/ringway-load} refuses "$@"; }
passes_by() {  # passes_by PATH CPU: the self-test, by this path and not by the one with wider vectors
    as_on "$2" --self-test >"$lab_dir/passed" && cat "$lab_dir/passed" && grep -q "$1: ok" "$lab_dir/passed"
}

add_network
add_client alice
write_config

expect "qemu's own model of old: what is missing, and what to do" \
    refuses "this CPU lacks SSE4.2 and POPCNT, .*the host's CPU model" qemu64 --version
expect "the load generator says the same" \
    load_refuses "this CPU lacks SSE4.2 and POPCNT, .*the host's CPU model" qemu64 --version
expect "one without AVX passes the self-test by SSE" passes_by "aead ipsec-mb (sse)" Westmere
expect "one with AVX2 passes it by AVX2" passes_by "aead avx2" Haswell
for wanted in avx2 avx512; do
    sed -i "s/^system: {/&aead: $wanted, /" "$lab_dir/gateway.yaml"
    expect "the wanted $wanted is missing" refuses "this CPU lacks instructions for $wanted" Westmere \
        --config "$lab_dir/gateway.yaml" --no-console
    sed -i "s/aead: $wanted, //" "$lab_dir/gateway.yaml"
done
