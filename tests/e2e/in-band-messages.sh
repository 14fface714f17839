#!/usr/bin/env bash
# Two gateways exchange messages by public key alone: no address, route or allowed IP inside the tunnel. A
# wireguard-go client that gets one drops it, and its session goes on.
source "$(dirname "$0")/lib.sh"

export LOG_LEVEL=verbose  # wireguard-go then says what it drops
add_network
add_client alice
add_node far
plug net far eth0
far4=$outer4.9
make_key wg0
make_key far

# A tunnel without addresses; its peers have no allowed IPs, but for alice.
bare_tunnel_yaml() {  # bare_tunnel_yaml KEY NAME: the tunnel and its first peers
    echo "tunnels:"
    tunnel_yaml "$1" "$listen_port" ""
    [[ $1 != far ]] || { echo "      - name: gw"; echo "        endpoint: \"$outer4.1:$listen_port\""; }
    [[ $1 != wg0 ]] || echo "      - name: far"
    echo "        public_key: \"$(key_of "$2")\""
}
{
    system_yaml
    ports_yaml
    bare_tunnel_yaml wg0 far
} >"$lab_dir/gateway.yaml"
{
    max_peers=10 system_yaml | sed 's/console.sock/far-console.sock/'
    echo "ports:"
    echo "  - {name: wan, device: \"net_af_packet0,iface=eth0\", host: {interface: rw-wan, addresses: [$far4/24]}}"
    bare_tunnel_yaml far wg0
} >"$lab_dir/far.yaml"
start_gateway || fail "the gateway did not start"
spawn far far.log env "STATE_DIRECTORY=$lab_dir/far-state" "$ringway" --config "$lab_dir/far.yaml" --no-console
far_runs() { wg show "$(interface_of far)" listen-port >/dev/null 2>&1; }
expect "the far gateway starts" wait_until 60 far_runs
start_client alice || fail "the client did not start"

# messages_url NODE TUNNEL PEER
messages_url() { echo "http://127.0.0.1:8080/api/v1/tunnels/$(interface_of "$2")/peers/$3/messages"; }
path_key() { key_of "$1" | tr '+/' '-_' | tr -d =; }
post() {  # post NODE TUNNEL PEER JSON: the status; the answer is in body
    on "$1" curl -s -m 10 -o "$lab_dir/body" -w '%{http_code}' -X POST -H 'Content-Type: application/json' \
        -d "$4" "$(messages_url "$1" "$2" "$3")"
}
inbox() { on "$1" curl -s -m 10 "$(messages_url "$1" "$2" "$3")${4:+?cursor=$4}"; }
has_messages() { (($(inbox "$1" "$2" "$3" | jq '.items | length') >= $4)); }
total() { on "$1" curl -s -m 10 http://127.0.0.1:8080/api/v1/drops | jq -r "$2"; }

for node in gw far; do
    expect_equal "no address inside the tunnel of $node" "" \
        "$(on "$node" ip -o address show scope global | grep -F "$(interface_of "$([[ $node == gw ]] && echo wg0 || echo far)")")"
done
expect_equal "gw knows no endpoint of far: it can't send yet" 409 \
    "$(post gw wg0 far '{"text": "too early"}')"
expect_equal "far sends to the public key" 202 "$(post far far "$(path_key wg0)" '{"text": "héllo, gateway"}')"
id=$(jq -r .id "$lab_dir/body")
expect "gw has it" wait_until 10 has_messages gw wg0 far 1
inbox gw wg0 far >"$lab_dir/inbox"
expect_equal "as it was sent" "$id 15 héllo, gateway" \
    "$(jq -r '.items[0] | "\(.id) \(.length_bytes) \(.text)"' "$lab_dir/inbox")"
cursor=$(jq -r .next_cursor "$lab_dir/inbox")
expect_equal "now gw can answer, with bytes" 202 "$(post gw wg0 "$(path_key far)" '{"data": "AP/+"}')"
expect "far has it" wait_until 10 has_messages far far gw 1
expect_equal "byte for byte, and it is no text" "AP/+ null" \
    "$(inbox far far gw | jq -r '.items[0] | "\(.data) \(.text)"')"

expect_equal "nothing is read twice" "[]" "$(inbox gw wg0 far "$cursor" | jq -c .items)"
for n in 1 2 3; do post far far gw "{\"text\": \"number $n\"}" >/dev/null; done
expect "three more" wait_until 10 has_messages gw wg0 far 4
expect_equal "and they come in order behind the cursor" "number 1,number 2,number 3" \
    "$(inbox gw wg0 far "$cursor" | jq -r '[.items[].text] | join(",")')"
for n in $(seq 4 20); do post far far gw "{\"text\": \"number $n\"}" >/dev/null; sleep 0.02; done
newest_is() { [[ $(inbox gw wg0 far | jq -r '.items[-1].text') == "$1" ]]; }
expect "more than an inbox holds" wait_until 10 newest_is "number 20"
expect_equal "the oldest are gone, and it is said how many" "16 number 5 4" \
    "$(inbox gw wg0 far "$cursor" | jq -r '"\(.items | length) \(.items[0].text) \(.missed_messages)"')"
expect_equal "the longest" 202 "$(post far far gw "{\"text\": \"$(head -c 1024 /dev/zero | tr '\0' x)\"}")"
expect_equal "a longer one" 413 "$(post far far gw "{\"text\": \"$(head -c 1025 /dev/zero | tr '\0' x)\"}")"
expect_equal "names its field" text "$(jq -r .field "$lab_dir/body")"
expect_equal "no base64" "422 data" "$(post far far gw '{"data": "?"}') $(jq -r .field "$lab_dir/body")"
expect_equal "an unknown peer" 404 "$(post far far nobody '{"text": "x"}')"

# To wireguard-go, while packets pass.
expect "alice reaches the host" reaches alice "$plain4.2"
handshake=$(wg show "$(interface_of alice)" latest-handshakes)
for n in 1 2 3 4 5; do
    expect_equal "a message to alice" 202 "$(post gw wg0 alice "{\"text\": \"number $n\"}")"
    expect "alice's packets pass" pings alice "$plain4.2" 3 0.05
done
expect "she drops the messages" grep -q "invalid IP version" "$lab_dir/alice.log"
expect_equal "and her session goes on" "$handshake" "$(wg show "$(interface_of alice)" latest-handshakes)"
expect_equal "she has sent none" 0 "$(inbox gw wg0 alice | jq '.items | length')"
for node in gw far; do
    expect_equal "$node has lost no packet from its books" 0 "$(total "$node" .unaccounted_packets)"
    expect_equal "and dropped no message" 0 \
        "$(total "$node" '[.items[] | select(.reason | startswith("in_band")) | .packets] | add')"
done
expect "SIGTERM ends the gateway with status 0" stop_gateway
