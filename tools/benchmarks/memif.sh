# shellcheck shell=bash disable=SC2154,SC2034
# The gateway between two memif ports and ringway-load at their other ends. Over lib.sh. The gateway's packets
# are the business of one CPU, all else of another.

ringway_load=${ringway%/*}/tools/ringway-load
bench_aead=${ringway%/*}/tools/benchmarks/bench-aead
bench_stalls=${ringway%/*}/tools/benchmarks/bench-stalls
mapfile -t cpus < <(python3 -c 'import os; print(*sorted(os.sched_getaffinity(0)), sep="\n")')
load_cpu=${cpus[0]}
gateway_cpu=${cpus[-1]}
gateway_idle=adaptive
all_sizes=(64 128 256 512 1024 1420 imix)

need_programs() {
    local program
    for program in "$ringway_load" "$bench_aead" "$bench_stalls"; do
        [[ -x $program ]] || give_up "not built: ${program#"$root"/}"
    done
    ((${#cpus[@]} > 1)) || give_up "the gateway and its load need a CPU each, and there is one"
}

# memif ROLE NUMBER NAME: a DPDK device string.
memif() { echo "net_memif$2,role=$1,socket=$lab_dir/$3.sock,socket-abstract=no,id=$2"; }

start_memif_gateway() {  # start_memif_gateway PEERS
    local config=$lab_dir/gateway.yaml
    "$ringway_load" --peers "$1" --write-config "$config" \
        --config-cipher-device "$(memif server 0 wan)" --config-plain-device "$(memif server 1 lan)" >/dev/null
    # No wg(8) socket: its name is not ours alone. Only warnings: ten thousand peers have much to tell.
    sed -i '/^system:/d; /^lcores:/d; s/^wg_socket: .*/wg_socket: false/' "$config"
    cat >>"$config" <<YAML
system: {memory: 256, hugepages: auto, idle: $gateway_idle, max_peers: $(($1 + 10)), log: {level: warning}}
lcores: {control: [$load_cpu], rx: [$gateway_cpu], crypto: [$gateway_cpu], tx: [$gateway_cpu]}
YAML
    rm -f "$lab_dir"/{wan,lan}.sock
    spawn gw gateway.log env "STATE_DIRECTORY=$lab_dir/state" "$ringway" --config "$config" --no-console
    gateway_pid=$spawned
    { wait_until 60 gateway_is_ready && is_running "$gateway_pid"; } || give_up "the gateway with $1 peers did not start"
}
gateway_is_ready() { ! is_running "$gateway_pid" || [[ -S $lab_dir/wan.sock && -S $lab_dir/lan.sock ]]; }

# load PEERS OPTION...: one trial, whose JSON is then in $lab_dir/load.json.
load() { try_load "$@" || try_load "$@" || give_up "ringway-load failed: $*"; }
try_load() {
    local peers=$1
    shift
    timeout 60 "$ringway_load" --peers "$peers" --cpu "$load_cpu" --quiet --json "$lab_dir/load.json" --connect 10 \
        --cipher-port "$(memif client 0 "${load_ports[0]}")" --plain-port "$(memif client 1 "${load_ports[1]}")" "$@" \
        >"$lab_dir/load.log" 2>&1
}
load_ports=(wan lan)
loaded_mpps() { jq -r '.results[0].value / 1e6' "$lab_dir/load.json"; }

# What IPsec-MB alone seals on the gateway's CPU, which has nothing else to do meanwhile.
raw_mpps() { taskset -c "$gateway_cpu" "$bench_aead" --raw "$1"; }
mean() { awk -v a="$1" -v b="$2" 'BEGIN { print (a + b) / 2 }'; }

# A testpmd that only hands packets from one memif port to the other, floor0 and floor1, on the gateway's CPU.
start_forwarder() {
    testpmds=()
    start_testpmd server "$gateway_cpu"
    exec {to_server}>"$lab_dir/server.commands"
    echo start >&"$to_server"
    # A client that finds no server, or one that has not begun, does not try again.
    wait_until 10 is_said server 'io packet forwarding - ' 1 || give_up "testpmd does not start"
}
start_testpmd() {  # start_testpmd ROLE CPU
    mkfifo "$lab_dir/$1.commands"
    # shellcheck disable=SC2016  # for the inner bash
    spawn gw "testpmd-$1.log" bash -c 'exec "$@" <"$0"' "$lab_dir/$1.commands" \
        stdbuf -oL dpdk-testpmd --lcores "0@$load_cpu,1@$2" --main-lcore 0 --no-huge -m 256 --no-pci --no-telemetry \
        --file-prefix "rwbench$lab_id$1" --vdev "$(memif "$1" 0 floor0)" --vdev "$(memif "$1" 1 floor1)" \
        -- -i --forward-mode=io --total-num-mbufs=16384
    testpmds+=("$spawned")
}
# The end of its commands ends a testpmd.
end_testpmds() {
    exec {to_server}>&-
    wait_until 10 all_ended "${testpmds[@]}" || end_processes "${testpmds[@]}"
    rm -f "$lab_dir"/testpmd-*.log "$lab_dir"/*.commands "$lab_dir"/floor?.sock
}
is_said() { (($(grep -c "$2" "$lab_dir/testpmd-$1.log") >= $3)); }  # is_said BY TEXT TIMES
