# shellcheck shell=bash
# A laboratory of network namespaces that belongs to one run of one script. A namespace is called a
# node here and has a short name ("gw", "alice"). Everything made through these functions is
# unmade when the script ends, however it ends; nothing else is touched.

# Part of every name that is visible outside the namespaces, so that runs don't meet.
lab_id=${RINGWAY_LAB:-$$}
lab_dir=""        # keys, configurations, logs: gone at the end
lab_processes=()  # what we started, by pid
lab_at_close=()   # functions to call at the end, when all of them have ended

# Makes the laboratory; call it once, before anything else here.
lab_open() {
    ((EUID == 0)) || { echo "network namespaces need root" >&2; return 1; }
    umask 077
    lab_dir=$(mktemp -d "${TMPDIR:-/tmp}/ringway-$lab_id-XXXXXX")
    trap lab_close EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

lab_close() {
    local status=$?
    trap '' INT TERM HUP
    trap - ERR
    set +e
    declare -F before_lab_close >/dev/null && before_lab_close "$status"
    end_processes "${lab_processes[@]}"
    remove_namespaces
    remove_sockets
    local undo
    for undo in "${lab_at_close[@]}"; do "$undo"; done
    [[ -n $lab_dir ]] && rm -rf "$lab_dir"
    exit "$status"
}

namespace_of() { echo "rw$lab_id-$1"; }

# Runs a command inside a node: on alice ping 10.0.0.2
on() {
    local node=$1
    shift
    ip netns exec "$(namespace_of "$node")" "$@"
}

# Starts a command inside a node in the background, its output in $lab_dir/LOG; its pid is then in
# $spawned.
spawn() {
    local node=$1 log=$2
    shift 2
    (exec ip netns exec "$(namespace_of "$node")" "$@") >>"$lab_dir/$log" 2>&1 </dev/null &
    spawned=$!
    lab_processes+=("$spawned")
}

is_running() { kill -0 "$1" 2>/dev/null; }
all_ended() {
    local pid
    for pid; do is_running "$pid" && return 1; done
    return 0
}

# What the threads of a process that should be gone are doing.
show_threads() {
    local task
    echo "--- process $1 does not end: $(tr '\0' ' ' <"/proc/$1/cmdline")"
    for task in "/proc/$1/task"/*; do
        printf '%s %s\n' "$(cut -d ' ' -f 2,3,14,15 "$task/stat")" "$(cat "$task/wchan")"
    done
    if command -v gdb >/dev/null; then gdb -p "$1" -batch -ex 'thread apply all backtrace 12'; fi
}

# Ends processes of ours: asks, waits, insists, and says what had to be made to end.
end_processes() {
    local pid
    (($#)) || return 0
    kill -TERM "$@" 2>/dev/null
    if ! wait_until 5 all_ended "$@"; then
        for pid; do
            if is_running "$pid"; then show_threads "$pid" >&2 2>/dev/null; fi
        done
        kill -KILL "$@" 2>/dev/null
    fi
    wait "$@" 2>/dev/null
    return 0
}

# wait_until SECONDS COMMAND...: tries the command until it succeeds; false when time is up.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS <= deadline)) || return 1
        sleep 0.05
    done
}

add_node() {
    local namespace
    namespace=$(namespace_of "$1")
    ip netns add "$namespace"
    ip -n "$namespace" link set lo up
    # Addresses are ours alone: no waiting for duplicates to object.
    on "$1" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
}

# link NODE INTERFACE NODE INTERFACE: a cable. Its ends finish checksums and split segments before a
# raw reader sees the frames, as a NIC would have done on the wire.
link() {
    local node
    ip link add "$2" netns "$(namespace_of "$1")" type veth \
        peer name "$4" netns "$(namespace_of "$3")"
    for node in "$1 $2" "$3 $4"; do
        # shellcheck disable=SC2086
        set_offloads_off $node
    done
}
set_offloads_off() {
    on "$1" ethtool -K "$2" rx off tx off tso off gso off gro off >/dev/null
    on "$1" ip link set "$2" up
}

# address NODE INTERFACE ADDRESS/LENGTH...
address() {
    local node=$1 interface=$2 address
    shift 2
    for address; do
        on "$node" ip address add "$address" dev "$interface"
    done
}

# A node that is an Ethernet switch; plug() puts another node's new interface into it.
add_switch() {
    add_node "$1"
    on "$1" ip link add switch type bridge mcast_snooping 0
    on "$1" ip link set switch up
}
plug() {
    local switch=$1 node=$2 interface=$3 port="$2-$3"
    link "$switch" "${port:0:15}" "$node" "$interface"
    on "$switch" ip link set "${port:0:15}" master switch
}

# wireguard-go removes its socket unless it is killed.
remove_sockets() { rm -f /var/run/wireguard/*"-$lab_id.sock"; }

# All namespaces of this run and whatever still runs inside them.
remove_namespaces() {
    local file namespace
    for file in /run/netns/"rw$lab_id-"*; do
        [[ -e $file ]] || continue
        namespace=${file##*/}
        ip netns pids "$namespace" | xargs -r kill -KILL 2>/dev/null
        ip netns delete "$namespace"
    done
}
