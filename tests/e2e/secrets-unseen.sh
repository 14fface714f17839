#!/usr/bin/env bash
# Whatever the gateway says, and whomever it says it to, no secret is in it: log, REST, console, metrics,
# telemetry, and errors about a key that is wrong.
source "$(dirname "$0")/lib.sh"

console=${ringway%/*}/tools/ringway-console
add_network
add_client alice psk=yes
add_client bob
write_config
for secret in alice late wrong; do wg genpsk >"$lab_dir/$secret.psk"; done
head -c 24 /dev/urandom | base64 >"$lab_dir/rest.token"
{
    echo "rest: {listen: 127.0.0.1:8080, token_file: $lab_dir/rest.token}"
    sed 's/^system: {/system: {log: {level: debug}, /' "$lab_dir/gateway.yaml"
} >"$lab_dir/with-rest.yaml"
mv "$lab_dir/with-rest.yaml" "$lab_dir/gateway.yaml"
# In the line itself, too.
sed -i "s|^\( *\)- name: bob|&\n\1  preshared_key: \"$(<"$lab_dir/late.psk")\"|" "$lab_dir/gateway.yaml"

# What each secret looks like in a text, or half of it.
patterns() {
    local file text
    for file in "$lab_dir"/wg0.key "$lab_dir"/{alice,late,wrong}.psk "$lab_dir/rest.token"; do
        text=$(<"$file")
        echo "${text:0:16}"
        echo "${text:20:16}"
        base64 -d <<<"$text" | od -An -tx1 -v | tr -d ' \n' | sed -E 's/^(.{16})(.{16}).*/\1\n\2\n/'
    done
}
patterns >"$lab_dir/secrets"

# says_nothing WHAT COMMAND...: the command's output, whatever its status, has text and no secret.
says_nothing() {
    local what=$1
    shift
    "$@" >"$lab_dir/said" 2>&1 || true
    expect "$what says something" test -s "$lab_dir/said"
    expect_not "$what tells no secret" grep -iFf "$lab_dir/secrets" "$lab_dir/said"
}

expect "the secrets would be found" grep -qiFf "$lab_dir/secrets" "$lab_dir/late.psk"
start_gateway
start_clients
wg set "$(interface_of bob)" peer "$(key_of wg0)" preshared-key "$lab_dir/late.psk"
expect "alice reaches the host" reaches alice "$plain4.2"
expect "bob reaches the host" reaches bob "$plain4.2"

tunnel=$(interface_of wg0)
api=http://127.0.0.1:8080
ask() { on gw curl -s -m 2 -H "Authorization: Bearer $(<"$lab_dir/rest.token")" "$@"; }
ask "$api/openapi.json" | jq -r '.paths | to_entries[] | select(.value.get) | .key' |
    sed "s/{t}/$tunnel/; s/{key}/alice/" >"$lab_dir/paths"
everything_of_rest() { while read -r path; do ask "$api$path"; done <"$lab_dir/paths"; }
says_nothing "REST" everything_of_rest

put() { ask -X PUT -H 'Content-Type: application/json' -d "$2" "$api/api/v1/tunnels/$tunnel/peers/$1"; }
key=$(key_of alice | tr '+/' '-_' | tr -d =)
wrong=$(<"$lab_dir/wrong.psk")
says_nothing "a peer put by REST" put "$key" "{\"preshared_key\": \"$(<"$lab_dir/alice.psk")\"}"
says_nothing "a key that is too short, by REST" put "$key" "{\"preshared_key\": \"${wrong:0:40}\"}"
says_nothing "a key in the place of another, by REST" put "$key" "{\"endpoint\": \"$wrong\", \"$wrong\": 1}"
says_nothing "a wrong token" on gw curl -s -m 2 -X POST -H "Authorization: Bearer $(<"$lab_dir/rest.token")x" \
    "$api/api/v1/reload"

on_console() { timeout 20 "$console" --socket "$lab_dir/console.sock" -c "$1"; }
for what in status ports lcores tunnels peers "peer alice" drops routes rings; do
    says_nothing "show $what" on_console "show $what"
    says_nothing "show $what json" on_console "show $what json"
done
says_nothing "a wrong key on the console" on_console "set peer bob preshared-key ${wrong:0:40}"
says_nothing "a key in the place of a name" on_console "show peer $wrong"
says_nothing "telemetry" "$root/tests/e2e/telemetry.py" "$gateway_pid" /eal/params /ethdev/list /
says_nothing "wg show" wg show "$tunnel"

refusals() { grep -c "not reloaded" "$lab_dir/gateway.log" || true; }
more_refusals_than() { (($(refusals) > $1)); }
# A configuration that is wrong, at a reload and with --check.
cp "$lab_dir/gateway.yaml" "$lab_dir/good.yaml"
for change in "s|private_key_file: .*|private_key: \"${wrong:0:40}\"|" "s|private_key_file: .*|private_key_file: $wrong|" \
    "s|preshared_key: \".*|preshared_key: \"${wrong:0:43}A=\"|" "s|preshared_key: \".*|preshared_keys: \"$wrong\"|" \
    "s|preshared_key: \".*|endpoint: \"$wrong\"|" "s|public_key: \".*|public_key: \"$wrong\"|" \
    "s|allowed_ips: .*|allowed_ips: [\"$wrong\"]|" "s|preshared_key: \".*|preshared_key: \"$wrong|"; do
    sed "$change" "$lab_dir/good.yaml" >"$lab_dir/gateway.yaml"
    says_nothing "--check of a wrong file" "$ringway" --config "$lab_dir/gateway.yaml" --check
    seen=$(refusals)
    kill -HUP "$gateway_pid"
    wait_until 10 more_refusals_than "$seen" || fail "the file is not refused"
done
kill -USR1 "$gateway_pid"
expect "SIGTERM ends the gateway with status 0" stop_gateway
says_nothing "the whole log" cat "$lab_dir/gateway.log"
