#!/usr/bin/env bash
# patient
# An endpoint by DNS name: resolved when the gateway starts, and again when the peer does not answer where
# it was. The names are in a hosts file of the gateway's node.
source "$(dirname "$0")/lib.sh"

hosts=/etc/netns/$(namespace_of gw)/hosts
names_stay_clean() { rm -rf "${hosts%/*}"; }
trap 'names_stay_clean; lab_close' EXIT
mkdir -p "${hosts%/*}"
echo "127.0.0.1 localhost" >"$hosts"

add_network
add_client alice initiator=gateway
write_config
sed -i "s|endpoint: .*|endpoint: alice.example:$listen_port|" "$lab_dir/gateway.yaml"
start_gateway || fail "the gateway did not start"
start_clients

api=http://127.0.0.1:8080/api/v1/tunnels/$(interface_of wg0)/peers/alice
says() { on gw curl -s -m 5 "$api" | jq -r "$1"; }
is_said() { [[ $(says "$1") == "$2" ]]; }
why_says() { says .why | grep -q "$1"; }
expect "a name that is not known is told" wait_until 20 why_says "its endpoint's name can't be resolved"
expect_equal "it is what was configured" "alice.example:$listen_port" "$(says .configured_endpoint)"

# It leads to where nobody answers; later to where alice is.
echo "$outer4.77 alice.example" >>"$hosts"
expect "it is asked for again" wait_until 30 is_said .endpoint "$outer4.77:$listen_port"
spawn host knocking.log ping -n -q -i 0.5 "$(inner4_of alice)"
expect "nobody answers there" wait_until 20 why_says "no answer"
printf '127.0.0.1 localhost\n%s alice.example\n' "$outer4.11" >"$hosts"
expect "the new address is found when nobody answers" wait_until 60 is_said .endpoint "$outer4.11:$listen_port"
expect "the host reaches alice there" wait_until 20 pings host "$(inner4_of alice)"
