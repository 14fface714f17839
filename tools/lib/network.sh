# shellcheck shell=bash disable=SC2154,SC2034,SC2004
# The network that the demo and the end-to-end tests stand on, over lab.sh:
#
#     alice --\                        |
#     bob   ---+-- net --- wan gw lan ---- host
#     ...   --/   (switch)             |
#        cipher side                plain side
#
# Nodes have number n: 1 for the gateway, 2 for the plain host, 11 and up for clients, in the order
# they were added. It is the last part of each of their addresses.

outer4=192.0.2      outer6=2001:db8:2:
plain4=10.0.0       plain6=fd00:a:
inner4=10.9.0       inner6=fd00:9:
listen_port=51820
clients=()

# The switch, the gateway's node with two cables in it, and the plain host.
add_network() {
    add_switch net
    add_node gw
    add_node host
    plug net gw wan
    link gw lan host eth0
    address host eth0 "$plain4.2/24" "$plain6:2/64"
    on host ip route add default via "$plain4.1"
    on host ip -6 route add default via "$plain6:1"
}

# add_client NAME [key=value...]: a node on the cipher side with a key of its own, known to the
# gateway once write_config has run. Names have six letters at most.
#   outer=4|6            the family of the addresses that carry the tunnel (4)
#   psk=yes|no           a preshared key (no)
#   initiator=client|gateway   which side knows the other's endpoint (client)
#   tunnel=NAME          the gateway's tunnel it belongs to (wg0)
#   port=N               that tunnel's listen port (51820)
#   mtu=N                of its tunnel interface (1420)
#   keepalive=SECONDS    the client's persistent keepalive (0)
declare -gA client_number client_outer client_psk client_initiator client_tunnel client_port client_mtu \
    client_keepalive client_allowed_ips client_pid
add_client() {
    local name=$1 number=$((11 + ${#clients[@]})) option
    shift
    clients+=("$name")
    client_number[$name]=$number
    client_outer[$name]=4
    client_psk[$name]=no
    client_initiator[$name]=client
    client_tunnel[$name]=wg0
    client_port[$name]=$listen_port
    client_mtu[$name]=1420
    client_keepalive[$name]=0
    client_allowed_ips[$name]="$inner4.$number/32,$inner6:$number/128"
    for option; do
        local -n setting="client_${option%%=*}"
        setting[$name]=${option#*=}
    done

    make_key "$name"
    [[ ${client_psk[$name]} == no ]] || wg genpsk >"$lab_dir/$name.psk"
    add_node "$name"
    plug net "$name" eth0
    address "$name" eth0 "$outer4.$number/24" "$outer6:$number/64"
}

make_key() {
    wg genkey >"$lab_dir/$1.key"
    wg pubkey <"$lab_dir/$1.key" >"$lab_dir/$1.pub"
}
key_of() { cat "$lab_dir/$1.pub"; }

# wg(8) finds userspace tunnels by sockets in one directory for all namespaces, so each interface
# name carries the run's number.
interface_of() { echo "$1-$lab_id"; }

inner4_of() { echo "$inner4.${client_number[$1]}"; }
inner6_of() { echo "$inner6:${client_number[$1]}"; }

# An address and port as wg(8) writes them.
endpoint() { if [[ $1 == *:* ]]; then echo "[$1]:$2"; else echo "$1:$2"; fi; }
outer_of() {  # outer_of NUMBER FAMILY
    if [[ $2 == 6 ]]; then echo "$outer6:$1"; else echo "$outer4.$1"; fi
}

# Runs wireguard-go in the client's node and gives it its keys, addresses and routes.
start_client() {
    local name=$1 interface number=${client_number[$1]}
    interface=$(interface_of "$name")
    WG_PROCESS_FOREGROUND=1 spawn "$name" "$name.log" wireguard-go -f "$interface"
    client_pid[$name]=$spawned
    wait_until 10 test -S "/var/run/wireguard/$interface.sock" || {
        echo "wireguard-go of $name did not start:" >&2
        cat "$lab_dir/$name.log" >&2
        return 1
    }
    configure_client "$name"
    address "$name" "$interface" "$inner4.$number/24" "$inner6:$number/64"
    on "$name" ip link set "$interface" mtu "${client_mtu[$name]}" up
    on "$name" ip route add "$plain4.0/24" dev "$interface"
    on "$name" ip -6 route add "$plain6:/64" dev "$interface"
}

configure_client() {
    local name=$1 settings
    settings=(private-key "$lab_dir/$name.key" listen-port "$listen_port"
        peer "$(key_of "${client_tunnel[$name]}")"
        allowed-ips "$inner4.0/24,$plain4.0/24,$inner6:/64,$plain6:/64"
        persistent-keepalive "${client_keepalive[$name]}")
    [[ ${client_psk[$name]} == no ]] || settings+=(preshared-key "$lab_dir/$name.psk")
    [[ ${client_initiator[$name]} == gateway ]] || settings+=(endpoint "$(gateway_endpoint "$name")")
    wg set "$(interface_of "$name")" "${settings[@]}"
}

gateway_endpoint() { endpoint "$(outer_of 1 "${client_outer[$1]}")" "${client_port[$1]}"; }

start_clients() {
    local name
    for name in "${clients[@]}"; do start_client "$name"; done
}

stop_client() { end_processes "${client_pid[$1]}"; }
