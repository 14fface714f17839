#!/usr/bin/env bash
# Once it serves, no thread of the gateway holds a capability that it does not need any more.
source "$(dirname "$0")/lib.sh"

# threads_hold SETS: whether every thread's CapPrm, CapEff and CapBnd are the one in hexadecimal, CapInh and
# CapAmb nothing, and no_new_privs set.
threads_hold() {
    local wanted="CapInh 0 CapPrm $1 CapEff $1 CapBnd $1 CapAmb 0 NoNewPrivs 1" task held
    for task in /proc/"$gateway_pid"/task/*; do
        held=$(sed -nE 's/^(Cap...|NoNewPrivs):\t0*([0-9a-f]+)$/\1 \2/p' "$task/status" | paste -sd ' ')
        [[ $held == "$wanted" ]] || { echo "$(<"$task/comm"): $held"; return 1; }
    done
}
net_admin_and_bind=1400
with_sys_admin=201400
with_files=140b

is_ready() { grep -q "main: ready" "$lab_dir/gateway.log"; }

add_network
add_client alice
write_config
rest=http://127.0.0.1:8080
start_gateway
wait_until 5 is_ready || fail "not ready"
# The threads that are made only now, too.
spawn gw console.log bash -c "sleep 60 | nc -U $lab_dir/console.sock"
on gw curl -sf "$rest/healthz" >/dev/null
expect "CAP_NET_ADMIN and CAP_NET_BIND_SERVICE are all" threads_hold "$net_admin_and_bind"
start_clients
expect "alice reaches the host" reaches alice "$plain4.2"
expect "a listen port below 1024 can be taken" wg set "$(interface_of wg0)" listen-port 500
wg set "$(interface_of wg0)" listen-port "$listen_port"
expect "a reload is followed" on gw curl -sf -X POST "$rest/api/v1/reload"
expect "and it ends with status 0" stop_gateway

# What else is needed depends on the configuration.
: >"$lab_dir/gateway.log"
sed -i "s/interface: rw-lan,/interface: rw-lan, netns: $(namespace_of host),/; s/$plain4.1/10.0.1.1/" "$lab_dir/gateway.yaml"
start_gateway
wait_until 5 is_ready || fail "not ready"
expect "with a second namespace, CAP_SYS_ADMIN too" threads_hold "$with_sys_admin"
expect "and it ends with status 0" stop_gateway

: >"$lab_dir/gateway.log"
sed -i "s/ netns: [^,]*,//" "$lab_dir/gateway.yaml"
chown nobody "$lab_dir/wg0.key"
start_gateway
wait_until 5 is_ready || fail "not ready"
expect "with a key file of another user, the right to read it" threads_hold "$with_files"
expect "so that a reload is followed" on gw curl -sf -X POST "$rest/api/v1/reload"
expect "and it ends with status 0" stop_gateway
