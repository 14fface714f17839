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

on alice "$root/tests/e2e/dead_keys.py" "$lab_dir" "$gateway_pid" "$(key_of wg0)" "$outer4.1" "$listen_port" \
    "$(interface_of wg0)" "$(inner4_of alice)" "$plain4.2" || fail "see above"
