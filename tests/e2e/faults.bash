# shellcheck shell=bash disable=SC2154
# Faults of the gateway's host, over lib.sh. Each function does harm to a running gateway that alice passes
# traffic through, expects what is told of it, does what an operator would do, and leaves the gateway as it was.

faults=(cable_pulled port_down tap_deleted tun_deleted tun_moved tun_renamed netlink_overrun routes_flushed
    neighbours_flushed file_missing key_unreadable disk_full descriptors_exhausted stopped)
rest=http://127.0.0.1:8080

# The gateway's log from here on is what `is_logged PATTERN` looks at.
mark_log() { log_mark=$(wc -l <"$lab_dir/gateway.log"); }
is_logged() { tail -n +$((log_mark + 1)) "$lab_dir/gateway.log" | grep -q -- "$1"; }
expect_logged() { expect "the log says: $1" wait_until 10 is_logged "$1"; }
expect_recovery() { expect "alice reaches the host again" reaches alice "$plain4.2" 15; }

# A fault's name, with the words apart; afterwards the gateway serves as before.
do_fault() {
    echo "--- ${1//_/ }"
    mark_log
    "fault_$1"
    expect_recovery
    expect "the gateway still runs" is_running "$gateway_pid"
    expect "and is ready" on gw curl -sf -m 10 "$rest/readyz"
}

# What is sent meanwhile is lost; nothing is logged.
fault_cable_pulled() {
    on net ip link set gw-wan down
    expect_not "nothing passes" reaches alice "$plain4.2" 1
    on net ip link set gw-wan up
}
fault_port_down() {
    on gw ip link set lan down
    expect_not "nothing passes" reaches alice "$plain4.2" 1
    on gw ip link set lan up
}

has_address() { on gw ip -o address show dev "$1" | grep -q " $2/"; }
fault_tap_deleted() {
    on gw ip link delete rw-lan
    expect_logged "made anew interface=rw-lan"
    expect "its address is back" wait_until 5 has_address rw-lan "$plain4.1"
}
fault_tun_deleted() {
    local tunnel
    tunnel=$(interface_of wg0)
    on gw ip link delete "$tunnel"
    expect_logged "made anew interface=$tunnel"
    expect "its address is back" wait_until 5 has_address "$tunnel" "$inner4.1"
    expect "so are the routes for allowed IPs" wait_until 5 has_route "$(inner4_of alice)" "$tunnel"
}
has_route() { on gw ip route show "$1" | grep -q "dev $2"; }
fault_tun_moved() {
    local tunnel
    tunnel=$(interface_of wg0)
    on gw ip link set "$tunnel" netns "$(namespace_of host)"
    expect_logged "made anew interface=$tunnel"
    expect "it is where it belongs" wait_until 5 has_address "$tunnel" "$inner4.1"
    expect_not "and nowhere else" on host ip link show "$tunnel"
}
fault_tun_renamed() {
    local tunnel
    tunnel=$(interface_of wg0)
    on gw ip link set "$tunnel" down
    on gw ip link set "$tunnel" name renamed
    on gw ip link set renamed up
    expect "traffic passes under the new name" reaches alice "$plain4.2" 5
    expect "wg(8) knows the old one" wg show "$tunnel"
    on gw ip link set renamed down
    on gw ip link set renamed name "$tunnel"
    on gw ip link set "$tunnel" up
}

# More than the receive buffer of the gateway's netlink socket holds while it can't read, and then a change
# that matters.
fault_netlink_overrun() {
    local batch=$lab_dir/batch
    [[ -e $batch ]] || for i in {0..19999}; do echo "link set dev lo alias $((i % 2))"; done >"$batch"
    kill -STOP "$gateway_pid"
    on gw ip -batch "$batch"
    on gw ip route save "$plain4.0/24" >"$lab_dir/routes"
    on gw ip route flush "$plain4.0/24"
    kill -CONT "$gateway_pid"
    expect_logged "notifications came too fast"
    expect_not "the gateway knows of the route that went" reaches alice "$plain4.2" 1
    on gw ip route restore <"$lab_dir/routes"
}

# The kernel does not bring back what was taken away; the operator or the routing daemon does.
fault_routes_flushed() {
    on gw ip route save table main >"$lab_dir/routes"
    on gw ip route flush table main
    expect_not "nothing passes" reaches alice "$plain4.2" 1
    on gw ip route restore <"$lab_dir/routes"
}
fault_neighbours_flushed() {
    on gw ip neighbour flush all
    on gw ip -6 neighbour flush all
}

fault_file_missing() {
    mv "$lab_dir/conf/gateway.yaml" "$lab_dir/conf/away"
    kill -HUP "$gateway_pid"
    expect_logged "not reloaded: nothing was changed"
    expect "traffic passes" reaches alice "$plain4.2" 5
    mv "$lab_dir/conf/away" "$lab_dir/conf/gateway.yaml"
    mark_log
    kill -HUP "$gateway_pid"
    expect_logged "reloaded added=0"
}
fault_key_unreadable() {
    mv "$lab_dir/wg0.key" "$lab_dir/away.key"
    kill -HUP "$gateway_pid"
    expect_logged "wg0.key.*can't be read"
    expect_logged "not reloaded: nothing was changed"
    expect "traffic passes" reaches alice "$plain4.2" 5
    mv "$lab_dir/away.key" "$lab_dir/wg0.key"
    mark_log
    kill -HUP "$gateway_pid"
    expect_logged "reloaded added=0"
}

# The configuration's folder becomes a tiny file system, in the gateway's own mount namespace only.
fault_disk_full() {
    local tunnel key before
    tunnel=$(interface_of wg0)
    key=$(wg genkey | wg pubkey)
    in_gateway() { nsenter -t "$gateway_pid" -m "$@"; }
    cp "$lab_dir/conf/gateway.yaml" "$lab_dir/copy"
    in_gateway mount -t tmpfs -o size=32k tmpfs "$lab_dir/conf"
    in_gateway cp "$lab_dir/copy" "$lab_dir/conf/gateway.yaml"
    in_gateway dd if=/dev/zero of="$lab_dir/conf/filler" bs=4k 2>/dev/null || true
    before=$(in_gateway sha256sum "$lab_dir/conf/gateway.yaml")
    wg set "$tunnel" peer "$key" allowed-ips 10.77.0.1/32
    expect_not "the change can't be saved" save_by_console
    expect_logged "was not saved.*No space left"
    expect_equal "the file is as it was" "$before" "$(in_gateway sha256sum "$lab_dir/conf/gateway.yaml")"
    expect_not "and nothing lies beside it" in_gateway test -e "$lab_dir/conf/gateway.yaml.new"
    in_gateway rm "$lab_dir/conf/filler"
    expect "with room again it is saved" save_by_console
    expect "and in the file" in_gateway grep -q "$key" "$lab_dir/conf/gateway.yaml"
    wg set "$tunnel" peer "$key" remove
    in_gateway umount "$lab_dir/conf"
    kill -HUP "$gateway_pid"
}
save_by_console() {
    timeout 20 "${ringway%/*}/tools/ringway-console" --socket "$lab_dir/console.sock" -c save
}

# Nobody can connect any more; who is connected, traffic and CPUs don't feel it.
fault_descriptors_exhausted() {
    local limits before after
    limits=$(prlimit --pid "$gateway_pid" --nofile --noheadings --raw -o SOFT,HARD | tr ' ' ':')
    prlimit --pid "$gateway_pid" --nofile="$(lowest_free_descriptor):${limits#*:}"
    expect_not "wg(8) is not answered" timeout 1 wg show "$(interface_of wg0)"
    expect_not "REST is not answered" on gw curl -s -m 1 "$rest/healthz"
    expect_not "nor is the console" timeout 1 "${ringway%/*}/tools/ringway-console" \
        --socket "$lab_dir/console.sock" -c "show status"
    expect_logged "no descriptors are left"
    before=$(ticks_of_control)
    expect "traffic passes" pings alice "$plain4.2" 5 0.2
    after=$(ticks_of_control)
    expect "no thread turns in vain ($((after - before)) ticks)" test $((after - before)) -lt 60
    prlimit --pid "$gateway_pid" --nofile="$limits"
    expect "wg(8) is answered again" wait_until 10 timeout 2 wg show "$(interface_of wg0)"
    expect "so is REST" wait_until 10 on gw curl -sf -m 2 "$rest/healthz"
    expect "so is the console" wait_until 10 timeout 2 "${ringway%/*}/tools/ringway-console" \
        --socket "$lab_dir/console.sock" -c "show status"
    expect_logged "there are descriptors again"
}
lowest_free_descriptor() {
    local number=0
    while [[ -L /proc/$gateway_pid/fd/$number ]]; do number=$((number + 1)); done
    echo "$number"
}
# CPU time of all threads that are no lcores, in ticks of 10 ms.
ticks_of_control() {
    local task total=0
    for task in /proc/"$gateway_pid"/task/*; do
        [[ $(<"$task/comm") == lcore-worker* ]] || total=$((total + $(awk '{print $14 + $15}' "$task/stat")))
    done
    echo "$total"
}

# All of the process stands still for a second, as under a hypervisor that has others to serve.
fault_stopped() {
    kill -STOP "$gateway_pid"
    sleep 1
    kill -CONT "$gateway_pid"
}
