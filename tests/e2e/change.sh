#!/usr/bin/env bash
# A running gateway is changed without harm: the same change made in four ways gives the same state, a
# plan is told before it is carried out, all of it or nothing, and what is not confirmed undoes itself;
# meanwhile alice's packets pass.
source "$(dirname "$0")/lib.sh"

console=${ringway%/*}/tools/ringway-console
add_network
add_client alice
add_client bob
# X25519 ignores some bits of a private key, and not every tool clears them.
{ printf '\377'; head -c 30 /dev/urandom; printf '\377'; } | base64 >"$lab_dir/wg0.key"
wg pubkey <"$lab_dir/wg0.key" >"$lab_dir/wg0.pub"
start_all
expect "alice reaches the host" reaches alice "$plain4.2"
spawn alice steady.log ping -n -q -i 0.02 -W 2 "$plain4.2"
steady=$spawned

tunnel=$(interface_of wg0)
ask() { timeout 20 "$console" --socket "$lab_dir/console.sock" -c "$1"; }
rest() {  # rest METHOD PATH [BODY]
    on gw curl -s -m 10 -X "$1" -H 'Content-Type: application/json' ${3:+-d "$3"} "http://127.0.0.1:8080/api/v1$2"
}
expect_equal "a reload of the same file changes nothing, sessions neither" "" "$(ask reload | grep '^[-+~]' || true)"
peers=/tunnels/$tunnel/peers
has_peer() { wg show "$tunnel" peers | grep -qF "$1"; }

# The same peer, made in four ways.
key=$(wg genkey | wg pubkey)
psk=$(wg genpsk)
echo "$psk" >"$lab_dir/carol.psk"
at=$(tr '+/' '-_' <<<"$key" | tr -d =)
allowed="$inner4.50/32, $inner6:50/128"
state_of_carol() {
    rest GET "$peers/$at" | jq -c '{public_key, endpoint, configured_endpoint, allowed_ips: (.allowed_ips | sort),
        persistent_keepalive_seconds, has_preshared_key}'
    wg showconf "$tunnel" | grep -A5 -F "$key" | sort
}
by_rest() {
    rest PUT "$peers/$at" "{\"allowed_ips\": [\"${allowed/, /\", \"}\"], \"endpoint\": \"$outer4.99:77\",
        \"persistent_keepalive_seconds\": 25, \"name\": \"carol\"}" >/dev/null
}
by_console() {
    ask "peer add $tunnel $key name carol allowed-ips ${allowed/, /,} endpoint $outer4.99:77 keepalive 25" >/dev/null
}
by_wg() {
    wg set "$tunnel" peer "$key" allowed-ips "${allowed/, /,}" endpoint "$outer4.99:77" persistent-keepalive 25
}
by_file() {
    cat >>"$lab_dir/gateway.yaml" <<YAML
      - name: carol
        public_key: "$key"
        endpoint: "$outer4.99:77"
        allowed_ips: ["${allowed/, /\", \"}"]
        persistent_keepalive: 25
YAML
    kill -HUP "$gateway_pid"
    wait_until 10 has_peer "$key"
}
gone() { wg set "$tunnel" peer "$key" remove; ! has_peer "$key"; }
cp "$lab_dir/gateway.yaml" "$lab_dir/before.yaml"
for way in rest console wg file; do
    expect "carol is added by $way" "by_$way"
    state_of_carol >"$lab_dir/state.$way"
    expect "and removed" gone
    expect_equal "the state by $way is that by rest" "$(cat "$lab_dir/state.rest")" "$(cat "$lab_dir/state.$way")"
done
cp "$lab_dir/before.yaml" "$lab_dir/gateway.yaml"

# The log tells who changed what.
for who in rest console wg file; do
    expect "the log tells of $who" grep -q "configuration_changed .*by=$who change=peer_added" "$lab_dir/gateway.log"
done

# A plan is told, and nothing changed.
by_wg
sed -i "s|$inner4.12/32|$inner4.12/32\", \"$inner4.112/32|" "$lab_dir/gateway.yaml"
ask "reload --dry-run" >"$lab_dir/plan"
expect "a peer that the file does not know would go" grep -q "^- tunnel $tunnel peer $key" "$lab_dir/plan"
expect "one would change" grep -q "^~ tunnel $tunnel peer bob: allowed_ips +$inner4.112/32" "$lab_dir/plan"
expect_equal "three lines and a dry run" "peers: 0 to add, 1 to change, 1 to remove" "$(sed -n 3p "$lab_dir/plan")"
expect_equal "REST tells the same" "0 1 1 false" \
    "$(rest POST '/reload?dry_run=true' | jq -r '"\(.plan.added) \(.plan.changed) \(.plan.removed) \(.applied)"')"
expect "nothing was changed" has_peer "$key"
expect_equal "what runs is not what the file says" true "$(rest GET /status | jq .configuration.unsaved_changes)"
expect "it is carried out" ask reload
expect_not "carol is gone" has_peer "$key"
expect_equal "what runs is what the file says" false "$(rest GET /status | jq .configuration.unsaved_changes)"
expect "a second time nothing is to do" grep -q '^peers: 0 to add, 0 to change, 0 to remove' <<<"$(ask reload)"

# All of it or nothing: a port that is taken refuses the peers beside it.
spawn gw taken.log python3 -c "
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('0.0.0.0', 7777)); time.sleep(100)"
wait_until 20 is_listening gw u 7777 || fail "nobody takes the port"
sed -i "s|listen_port: $listen_port|listen_port: 7777|; s|$inner4.112/32|$inner4.113/32|" "$lab_dir/gateway.yaml"
expect_not "a plan that can't be carried out is refused" ask reload
expect "by name" grep -q 'listen_port 7777 is taken' <<<"$(ask reload || true)"
expect_equal "and whole" "$inner4.112/32" "$(wg show "$tunnel" allowed-ips | grep -oF "$inner4.112/32")"
sed -i "s|listen_port: 7777|listen_port: $listen_port|; s|$inner4.113/32|$inner4.112/32|" "$lab_dir/gateway.yaml"
sed -i "s|memory: 128|memory: 129|" "$lab_dir/gateway.yaml"
expect "what needs a restart is told" grep -q '^! system .* at a restart only' <<<"$(ask reload)"
sed -i "s|memory: 129|memory: 128|" "$lab_dir/gateway.yaml"

# commit confirmed: by the console and undone by time, by REST and undone on request, confirmed.
expect_not "nothing waits for a commit" ask commit
expect "a window opens" ask "commit confirmed 2"
by_wg
rest DELETE "$peers/bob" >/dev/null
expect_equal "the status tells of it" true "$(rest GET /commit | jq .pending)"
expect "carol is there" has_peer "$key"
undone() { ! has_peer "$key" && has_peer "$(key_of bob)"; }
expect "what was not confirmed undoes itself" wait_until 10 undone
expect_equal "and the window is closed" false "$(rest GET /commit | jq .pending)"
expect "bob is who he was" grep -q "$inner4.112/32" <<<"$(wg show "$tunnel" allowed-ips)"
expect_equal "by REST" true "$(rest POST /commit '{"confirmed_seconds": 600}' | jq .pending)"
by_console
expect_equal "undone at once" false "$(rest DELETE /commit | jq .pending)"
expect_not "carol is gone" has_peer "$key"
expect_equal "a change that brings its own window" carol "$(rest PUT "$peers/$at?confirmed=600" '{"name": "carol"}' | jq -r .name)"
expect "confirmed" ask commit
expect_not "nothing is left to undo" ask rollback
expect "carol stays" has_peer "$key"
expect_equal "a wrong time is refused" confirmed_seconds "$(rest POST /commit '{"confirmed_seconds": 0}' | jq -r .field)"
expect "a reload can bring one, too" ask "reload confirmed 600"
expect_not "carol went with it" has_peer "$key"
expect "and comes back" ask rollback
expect "with it undone" has_peer "$key"

# Many SIGHUPs at once end in the file's state.
for _ in $(seq 20); do kill -HUP "$gateway_pid"; done
gone_by_itself() { ! has_peer "$key"; }
expect "SIGHUP follows the file" wait_until 10 gone_by_itself

# What runs is written back: comments, order and what did not change stay as they were.
sed -i "s|^  - name: $tunnel|  # the only tunnel\n  - name: $tunnel|; s|name: bob|name: bob   # in the garden|" "$lab_dir/gateway.yaml"
expect "a file with comments is followed" ask reload
expect "nothing is to be saved" grep -q 'says what runs already' <<<"$(ask save)"
by_rest
rest PATCH "$peers/bob" '{"persistent_keepalive_seconds": 7}' >/dev/null
cp "$lab_dir/gateway.yaml" "$lab_dir/before.yaml"
expect "what was changed is saved" ask save
diff "$lab_dir/before.yaml" "$lab_dir/gateway.yaml" >"$lab_dir/diff" || true
expect_equal "nothing was taken away" 0 "$(grep -c '^<' "$lab_dir/diff" || true)"
expect "carol is in the file" grep -q '^> .*name: carol' "$lab_dir/diff"
expect "bob's keepalive, too" grep -q '^> .*persistent_keepalive: 7' "$lab_dir/diff"
expect "it is a good file" "$ringway" --config "$lab_dir/gateway.yaml" --check
expect_equal "and what runs" "peers: 0 to add, 0 to change, 0 to remove" "$(ask "reload --dry-run" | head -n 1)"
rest PATCH "$peers/carol" "{\"preshared_key\": \"$psk\"}" >/dev/null
chmod 644 "$lab_dir/gateway.yaml"
expect_equal "a key comes into the file" true "$(rest POST /save | jq .made_private)"
expect_equal "which is its owner's alone then" 600 "$(stat -c %a "$lab_dir/gateway.yaml")"
echo "# edited" >>"$lab_dir/gateway.yaml"
expect_not "what somebody edited is not overwritten" ask save
expect "unless it is said" ask "save force"

kill -INT "$steady"
wait_until 5 all_ended "$steady"
expect "alice has lost nothing meanwhile" grep -q ' 0% packet loss' "$lab_dir/steady.log"
