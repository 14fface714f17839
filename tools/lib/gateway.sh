# shellcheck shell=bash disable=SC2154
# The gateway under test: its configuration, written piece by piece, its start and its end. Over
# network.sh.

ringway=${RINGWAY:-$root/build/ringway}
gateway_pid=0

# The pieces of a configuration; write_config puts the usual ones together.
system_yaml() {
    cat <<YAML
system: {memory: 128, hugepages: off, idle: adaptive, max_peers: ${max_peers:-1000}}
lcores: auto
console: {stdio: false, socket: $lab_dir/console.sock}
wg_socket: true
YAML
}

ports_yaml() {
    cat <<YAML
ports:
  - name: wan
    device: "net_af_packet0,iface=wan"
    host: {interface: rw-wan, addresses: [$outer4.1/24, "$outer6:1/64"]}
  - name: lan
    device: "net_af_packet1,iface=lan"
    host: {interface: rw-lan, addresses: [$plain4.1/24, "$plain6:1/64"]}
YAML
}

# tunnel_yaml NAME PORT ADDRESSES [LINE...]: a tunnel with the clients that belong to it. A LINE is
# a further key, as in 'peer_to_peer: false'.
tunnel_yaml() {
    local tunnel=$1 port=$2 addresses=$3 line name
    shift 3
    [[ -e $lab_dir/$tunnel.key ]] || make_key "$tunnel"
    cat <<YAML
  - name: $(interface_of "$tunnel")
    private_key_file: $lab_dir/$tunnel.key
    listen_port: $port
    host: {addresses: [$addresses]}
YAML
    for line; do echo "    $line"; done
    echo "    peers:"
    for name in "${clients[@]}"; do
        [[ ${client_tunnel[$name]} != "$tunnel" ]] || peer_yaml "$name"
    done
}

peer_yaml() {
    local name=$1
    echo "      - name: $name"
    echo "        public_key: \"$(key_of "$name")\""
    [[ ${client_psk[$name]} == no ]] || echo "        preshared_key_file: $lab_dir/$name.psk"
    [[ ${client_initiator[$name]} == client ]] || echo "        endpoint: \"$(client_endpoint "$name")\""
    echo "        allowed_ips: [\"${client_allowed_ips[$name]//,/\", \"}\"]"
}

client_endpoint() {
    endpoint "$(outer_of "${client_number[$1]}" "${client_outer[$1]}")" "$listen_port"
}

# write_config [LINE...]: one tunnel wg0; LINE as in tunnel_yaml.
write_config() {
    {
        system_yaml
        ports_yaml
        echo "tunnels:"
        tunnel_yaml wg0 "$listen_port" "$inner4.1/24, \"$inner6:1/64\"" "$@"
    } >"$lab_dir/gateway.yaml"
}

# Starts the gateway and waits until it serves.
start_gateway() {
    spawn gw gateway.log env "STATE_DIRECTORY=$lab_dir/state" "$ringway" --config "$lab_dir/gateway.yaml" --no-console
    gateway_pid=$spawned
    if ! wait_until 60 gateway_started || ! is_running "$gateway_pid"; then
        echo "the gateway did not start; the end of its log:" >&2
        tail -n 20 "$lab_dir/gateway.log" >&2
        return 1
    fi
}
gateway_started() {
    ! is_running "$gateway_pid" || wg show "$(interface_of wg0)" listen-port >/dev/null 2>&1
}

# Asks the gateway to stop; its exit status is ours.
stop_gateway() {
    kill -TERM "$gateway_pid" || return 1
    wait_until 10 all_ended "$gateway_pid" || { echo "the gateway still runs after SIGTERM" >&2; return 1; }
    wait "$gateway_pid"
}

# gateway_total FIELD: one of the packet counts that the gateway writes to its log on SIGUSR1.
gateway_total() {
    local written
    written=$(totals_written)
    kill -USR1 "$gateway_pid" || return 1
    wait_until 5 totals_follow "$written" || return 1
    grep 'gateway: packets ' "$lab_dir/gateway.log" | tail -n 1 | grep -o "\b$1=[0-9]*" | cut -d = -f 2
}
totals_written() { grep -c 'gateway: packets ' "$lab_dir/gateway.log"; }
totals_follow() { (($(totals_written) > $1)); }
