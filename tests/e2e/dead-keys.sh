#!/usr/bin/env bash
# Dead keys are nowhere in a running gateway's memory, and no key at all is in its core dump.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice psk=yes
add_client bob psk=yes
write_config
make_key new

# A gateway that may dump its core, into a place of its own.
cat >"$lab_dir/ringway" <<SCRIPT
#!/bin/sh
ulimit -c unlimited
cd "$lab_dir"
exec "$ringway" "\$@"
SCRIPT
chmod +x "$lab_dir/ringway"
ringway=$lab_dir/ringway
start_gateway
# What a reload read is dead, too.
is_reloaded() { grep -q "configuration: reloaded" "$lab_dir/gateway.log"; }
kill -HUP "$gateway_pid"
expect "a reload is followed" wait_until 10 is_reloaded

# So is a preshared key that REST gave and took back.
bob=http://127.0.0.1:8080/api/v1/tunnels/$(interface_of wg0)/peers/$(key_of bob | tr '+/' '-_' | tr -d =)
put() {
    jq -n --rawfile key "$lab_dir/$1.psk" '{preshared_key: ($key | rtrimstr("\n")), allowed_ips: ["10.77.0.1/32"]}' |
        on gw curl -sf -X PUT -H 'Content-Type: application/json' -d @- "$bob"
}
wg genpsk >"$lab_dir/late.psk"
expect "a preshared key is put by REST" put late
expect "and another in its place" put bob

on alice "$root/tests/e2e/dead_keys.py" "$lab_dir" "$gateway_pid" "$(key_of wg0)" "$outer4.1" "$listen_port" \
    "$(interface_of wg0)" "$(inner4_of alice)" "$plain4.2" || fail "see above"
