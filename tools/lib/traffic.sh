# shellcheck shell=bash disable=SC2154
# Traffic between nodes, over lab.sh. Addresses of either family; each function is false when the
# traffic did not pass.

# pings FROM ADDRESS [COUNT [INTERVAL]]: all of them must be answered; prints ping's own output.
pings() {
    local out
    out=$(on "$1" ping -n -q -c "${3:-3}" -i "${4:-0.2}" -W 2 "$2") || { echo "$out"; return 1; }
    echo "$out"
    [[ $out == *" 0% packet loss"* ]]
}

# The first packet has to wait for the handshake and perhaps for neighbours: tries for SECONDS.
reaches() {  # reaches FROM ADDRESS [SECONDS]
    wait_until "${3:-10}" on "$1" ping -n -q -c 1 -W 1 "$2" >/dev/null
}

is_listening() { on "$1" ss -Hln"$2" "sport = :$3" | grep -q .; }

# send_file FROM TO ADDRESS MEGABYTES: random bytes over TCP, compared by SHA-256.
send_file() {
    local from=$1 to=$2 destination=$3 port=5001 receiver sent
    [[ -e $lab_dir/file-$4 ]] || head -c "$4M" /dev/urandom >"$lab_dir/file-$4"
    rm -f "$lab_dir/received"
    spawn "$to" received nc -d -l "$destination" "$port"
    receiver=$spawned
    wait_until 5 is_listening "$to" t "$port" || return 1
    on "$from" timeout 90 nc -N "$destination" "$port" <"$lab_dir/file-$4" || return 1
    wait_until 10 all_ended "$receiver" || return 1
    sent=$(sha256sum <"$lab_dir/file-$4")
    [[ $(sha256sum <"$lab_dir/received") == "$sent" ]] || { echo "the checksums differ" >&2; return 1; }
    echo "${sent%% *}"
}

# Whether a send_file in the background has brought more than so many bytes.
received_more_than() { (($(stat -c %s "$lab_dir/received" 2>/dev/null || echo 0) > $1)); }

# throughput FROM TO ADDRESS SECONDS [IPERF3 OPTION...]: prints the Mbit/s that arrived.
throughput() {
    local from=$1 to=$2 destination=$3 seconds=$4 server report="$lab_dir/iperf3.json"
    shift 4
    spawn "$to" iperf3-server.log iperf3 -s -1
    server=$spawned
    wait_until 5 is_listening "$to" t 5201 || return 1
    on "$from" timeout $((seconds + 20)) iperf3 -c "$destination" -t "$seconds" -J "$@" >"$report" || {
        jq -r '.error // empty' "$report" >&2
        end_processes "$server"
        return 1
    }
    wait_until 5 all_ended "$server" || end_processes "$server"
    jq -r '(.end.sum_received // .end.sum).bits_per_second / 1e6 | floor' "$report"
}
