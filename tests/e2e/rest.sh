#!/usr/bin/env bash
# REST on a running gateway with traffic: what openapi.json describes is what is served, metrics are
# Prometheus', and nobody gets in who should not.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
add_client bob
start_all
expect "alice reaches the host" reaches alice "$plain4.2"
expect "and pings it" pings alice "$plain4.2" 20 0.02

api=http://127.0.0.1:8080
tunnel=$(interface_of wg0)
get() { on gw curl -s -m 10 "$api$1" "${@:2}"; }
status_of() { on gw curl -s -m 10 -o "$lab_dir/body" -w '%{http_code}' "$api$1" "${@:2}"; }
# says PATH EXPRESSION: what jq makes of the JSON at PATH.
says() { get "$1" | jq -r "$2"; }

expect_equal "the process is well" ok "$(get /healthz)"
expect_equal "the gateway is ready" ok "$(get /readyz)"
expect_equal "alice is up" up "$(says "/api/v1/tunnels/$tunnel/peers/alice" .state)"
expect_equal "bob is not" idle "$(says "/api/v1/tunnels/$tunnel/peers/bob" .state)"
expect "and why" grep -q . <<<"$(says "/api/v1/tunnels/$tunnel/peers/bob" .why)"
key=$(key_of alice | tr '+/' '-_' | tr -d =)
expect_equal "a peer is found by its key" alice "$(says "/api/v1/tunnels/$tunnel/peers/$key" .name)"
expect_equal "the same bytes as wg(8) counts" \
    "$(on gw wg show "$tunnel" transfer | grep -F "$(key_of alice)" | cut -f 2,3 | tr '\t' ' ')" \
    "$(says "/api/v1/tunnels/$tunnel/peers/alice" '"\(.rx_bytes) \(.tx_bytes)"')"
expect_equal "no packet is unaccounted for" 0 "$(says /api/v1/drops .unaccounted_packets)"

# Pages of one, in the order of keys, are the whole list.
cursor="" seen=""
for _ in 1 2; do
    get "/api/v1/tunnels/$tunnel/peers?limit=1${cursor:+&cursor=$cursor}" >"$lab_dir/page"
    seen+="$(jq -r '.items[].name' "$lab_dir/page") "
    cursor=$(jq -r .next_cursor "$lab_dir/page")
done
expect_equal "two pages of one" "alice bob" "$(tr ' ' '\n' <<<"$seen" | sort | xargs)"
expect_equal "and no third" null "$cursor"

# Every path and method of openapi.json answers, with the fields it tells of and no others.
get /openapi.json >"$lab_dir/openapi.json"
cat >"$lab_dir/walk.jq" <<'JQ'
def resolved($root):
    if has("$ref") then (.["$ref"] | ltrimstr("#/") | split("/")) as $path | $root | getpath($path) else . end;
def fits($schema; $root):
    ($schema | resolved($root)) as $s
    | (if type == "number" and floor == . then ["number", "integer"] else [type] end) as $types
    | ([$s.type] | flatten) as $wanted
    | if ($types - $wanted) == $types then "\(.) is not \($wanted)"
      elif type == "object" and ($s | has("properties")) then
          (keys - ($s.properties | keys) | .[] | "\(.) is not described"),
          (($s.required // []) - keys | .[] | "\(.) is missing"),
          (to_entries[] | .key as $k | select($s.properties | has($k)) | .value | fits($s.properties[$k]; $root) | "\($k): \(.)")
      elif type == "array" then .[] | fits($s.items; $root)
      else empty end;
[fits($schema[0]; $openapi[0])] | .[]
JQ
while IFS=$'\t' read -r path schema; do
    at=${path//\{t\}/$tunnel}
    at=${at//\{key\}/alice}
    expect_equal "$path answers" 200 "$(status_of "$at")"
    [[ $schema != null ]] || continue
    echo "$schema" >"$lab_dir/schema"
    expect "and fits its schema" jq -r --slurpfile openapi "$lab_dir/openapi.json" \
        --slurpfile schema "$lab_dir/schema" -f "$lab_dir/walk.jq" "$lab_dir/body"
    expect_equal "$path is as described" "" "$(head -n 3 "$lab_dir/output")"
done < <(jq -r '.paths | to_entries[] | .key as $p | .value.get | select(.)
    | select(.responses["200"].content | has("text/event-stream") | not)
    | [$p, (.responses["200"].content["application/json"].schema | tojson)] | @tsv' "$lab_dir/openapi.json")

# And each method of each path, used well and badly, with every status.
expect "openapi.json is true to what is served" \
    on gw python3 "$(dirname "$0")/openapi_walk.py" 127.0.0.1:8080 "$tunnel"

# Debian's prometheus brings promtool; it also starts a service, so that it is not installed for this.
if command -v promtool >/dev/null; then
    expect "the metrics are Prometheus'" promtool check metrics <<<"$(get '/metrics?peers=true')"
fi
expect "a peer is a series only if asked for" grep -q 'ringway_peer_up{.*peer="alice"} 1' <<<"$(get '/metrics?peers=true')"
expect_not "and not otherwise" grep -q ringway_peer_ <<<"$(get /metrics)"

expect_equal "an unknown path" 404 "$(status_of /api/v2)"
expect_equal "an unknown peer" 404 "$(status_of "/api/v1/tunnels/$tunnel/peers/carol")"
expect_equal "an unknown query parameter" 400 "$(status_of '/api/v1/status?verbose=1')"
expect_equal "is named" verbose "$(jq -r .field "$lab_dir/body")"
expect_equal "a cursor from elsewhere" 400 "$(status_of "/api/v1/tunnels/$tunnel/peers?cursor=x")"
expect_equal "a method that is not there" 405 "$(status_of /api/v1/status -X DELETE)"
expect_equal "another Host" 403 "$(status_of /api/v1/status -H 'Host: evil.example')"
expect_equal "another Origin" 403 "$(status_of /api/v1/status -H 'Origin: http://evil.example')"
head -c 2000000 /dev/zero >"$lab_dir/huge"
expect_equal "a huge body" 413 "$(status_of /api/v1/reload -X POST -H 'Content-Type: application/json' --data-binary "@$lab_dir/huge")"
expect_equal "a path trick" 404 "$(status_of '/api/v1/../../etc/passwd' --path-as-is)"
expect_equal "bytes that are no text" 404 "$(status_of "/api/v1/tunnels/%ff%fe%00")"

# Changes: one peer from its birth to its end, while alice's traffic goes on.
change() {  # change METHOD PATH [BODY] [CURL OPTION...]: the status; the answer is in body
    local method=$1 path=$2 body=${3-}
    shift $(($# < 3 ? $# : 3))
    status_of "$path" -X "$method" ${body:+-H 'Content-Type: application/json' -d "$body"} -D "$lab_dir/head" "$@"
}
field() { jq -r "$1" "$lab_dir/body"; }
spawn alice steady.log ping -n -q -i 0.02 -W 2 "$plain4.2"
steady=$spawned
peers=/api/v1/tunnels/$tunnel/peers
carol=$(wg genkey | wg pubkey)
at=$peers/$(tr '+/' '-_' <<<"$carol" | tr -d =)
expect_equal "a peer is added" 201 "$(change PUT "$at" '{"name": "carol", "allowed_ips": ["10.9.0.77/32"]}')"
expect "wg(8) knows it" grep -qF "$carol" <<<"$(on gw wg show "$tunnel" peers)"
expect_equal "put again, nothing is new" 200 "$(change PUT "$at" '{"name": "carol", "allowed_ips": ["10.9.0.77/32"]}')"
etag=$(grep -i '^etag:' "$lab_dir/head" | cut -d ' ' -f 2 | tr -d '\r')
expect_equal "and not a second time if it must be new" 412 "$(change PUT "$at" '{}' -H 'If-None-Match: *')"
expect_equal "patched" 200 "$(change PATCH "$peers/carol" '{"endpoint": "192.0.2.99:7", "persistent_keepalive_seconds": 9}' -H "If-Match: $etag")"
expect_equal "it has what was said and what it had" "carol 192.0.2.99:7 9 10.9.0.77/32" \
    "$(field '"\(.name) \(.endpoint) \(.persistent_keepalive_seconds) \(.allowed_ips[0])"')"
expect_equal "an older copy changes nothing" 412 "$(change PATCH "$peers/carol" '{"name": "dave"}' -H "If-Match: $etag")"
expect_equal "another's allowed IP stays" 409 "$(change PATCH "$peers/carol" '{"allowed_ips": ["10.9.0.11/32"]}')"
expect "and it is said whose it is" grep -q alice <<<"$(field .detail)"
expect_equal "a preshared key" 200 "$(change PATCH "$peers/carol" "{\"preshared_key\": \"$(wg genpsk)\"}")"
expect_equal "is never shown" true "$(field .has_preshared_key)"
expect_equal "a change of something else" 200 "$(change PATCH "$peers/carol" '{"name": "dave"}')"
expect_equal "keeps it" true "$(field .has_preshared_key)"
expect_equal "null takes it away" false "$(change PATCH "$peers/dave" '{"preshared_key": null}' >/dev/null; field .has_preshared_key)"
while IFS='|' read -r wrong body; do
    expect_equal "refused: $body" 422 "$(change PATCH "$peers/dave" "$body")"
    expect_equal "naming the field" "$wrong" "$(field .field)"
done <<'BAD'
endpoint|{"endpoint": "nowhere"}
allowed_ips|{"allowed_ips": ["10.0.0.0/33"]}
persistent_keepalive_seconds|{"persistent_keepalive_seconds": 70000}
public_key|{"public_key": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
nmae|{"nmae": "x"}
BAD
expect_equal "a name means its own peer" 422 \
    "$(change PATCH "$peers/dave" "{\"public_key\": \"$(wg genkey | wg pubkey)\"}")"
expect_equal "a new peer by its name" "201 erin" \
    "$(change PUT "$peers/erin" "{\"public_key\": \"$(wg genkey | wg pubkey)\"}") $(field .name)"
# Events: what has been done to dave, as it is streamed, resumed, and logged.
events() { on gw curl -sN -m "${2:-2}" -H "Last-Event-ID: $1" "$api/api/v1/events" || true; }
events 0 >"$lab_dir/events"
data() { sed -n 's/^data: //p' "$lab_dir/events"; }
expect_equal "a reader from elsewhere is told of a gap" '{"event":"gap","missed":null}' "$(data | head -n 1)"
expect_equal "alice came up, once" responder "$(data | jq -r 'select(.event == "peer_up" and .peer == "alice").role')"
expect_equal "the change of an endpoint is told with who made it" "rest peer_changed endpoint,persistent_keepalive" \
    "$(data | jq -r 'select(.peer == "carol" and .change == "peer_changed") | "\(.by) \(.change) \(.fields | join(","))"' | head -n 1)"
expect_equal "no secret is told" 0 "$(data | grep -c psk || true)"
jq '.components.schemas.Event' "$lab_dir/openapi.json" >"$lab_dir/schema"
data | grep -v '"gap"' | while read -r line; do
    jq -r --slurpfile openapi "$lab_dir/openapi.json" --slurpfile schema "$lab_dir/schema" -f "$lab_dir/walk.jq" <<<"$line"
done >"$lab_dir/misfits"
expect_equal "events are as described" "" "$(head -n 3 "$lab_dir/misfits")"
last=$(grep '^id: ' "$lab_dir/events" | tail -n 1 | cut -d ' ' -f 2)
spawn gw stream.log curl -sN -m 20 -H "Last-Event-ID: $last" "$api/api/v1/events"
on gw wg set "$tunnel" peer "$carol" persistent-keepalive 3
streamed() { grep -q '"by":"wg"' "$lab_dir/stream.log"; }
expect "an event is streamed at once, and what was read before is not" wait_until 5 streamed
expect_equal "it is one" 1 "$(grep -c '^data: ' "$lab_dir/stream.log")"
number=$(sed -n 's/^data: //p' "$lab_dir/stream.log" | jq -r .sequence)
expect "and the log has it under its number" grep -q \
    "info events: configuration_changed sequence=$number by=wg change=peer_changed .*peer=dave .*details=.persistent_keepalive 9 -> 3" \
    "$lab_dir/gateway.log"

expect_equal "no JSON" 400 "$(change PATCH "$peers/dave" '{')"
expect_equal "reload keeps what the file says" 200 "$(change POST /api/v1/reload)"
expect_equal "and takes away what it does not" 404 "$(change DELETE "$peers/dave")"
change PUT "$at" '{"name": "carol"}' >/dev/null
expect_equal "deleted" 200 "$(change DELETE "$peers/carol")"
expect_equal "gone" 404 "$(change GET "$peers/carol")"
kill -INT "$steady"
wait_until 5 all_ended "$steady"
expect "alice has lost nothing meanwhile" grep -q ' 0% packet loss' "$lab_dir/steady.log"

# Half-open connections, more than there are threads, end by themselves.
for _ in $(seq 20); do
    spawn gw half-open.log timeout 60 bash -c 'exec 3<>/dev/tcp/127.0.0.1/8080; printf "GET / HT" >&3; sleep 50'
done
answers() { [[ $(get /healthz) == ok ]]; }
expect "half-open connections are cut off" wait_until 40 answers
expect "and traffic goes on" pings alice "$plain4.2" 10 0.05

# Beyond loopback: TLS and a token for everything.
expect "the gateway stops" stop_gateway
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=gateway -addext "subjectAltName=IP:$plain4.1" \
    -keyout "$lab_dir/tls.key" -out "$lab_dir/tls.pem" 2>/dev/null
echo "open sesame" >"$lab_dir/token"
cat >>"$lab_dir/gateway.yaml" <<YAML
rest:
  listen: $plain4.1:8443
  token_file: $lab_dir/token
  tls: {certificate: $lab_dir/tls.pem, key: $lab_dir/tls.key}
YAML
start_gateway
far_status() {
    on host curl -s -m 10 --cacert "$lab_dir/tls.pem" -o "$lab_dir/body" -w '%{http_code}' \
        "https://$plain4.1:8443/api/v1/status" "$@"
}
expect_equal "with the token, from the host" 200 "$(far_status -H 'Authorization: Bearer open sesame')"
expect_equal "without it" 401 "$(far_status)"
expect_equal "with a wrong one" 401 "$(far_status -H 'Authorization: Bearer open')"
expect_not "without TLS" on host curl -s -m 5 "http://$plain4.1:8443/healthz"
expect_not "with an old TLS" on host curl -s -m 5 -k --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 "https://$plain4.1:8443/healthz"
expect_equal "with TLS 1.2" 200 "$(far_status -H 'Authorization: Bearer open sesame' --tls-max 1.2)"
secret() { on host curl -sN -m 2 --cacert "$lab_dir/tls.pem" -H 'Authorization: Bearer open sesame' \
    "https://$plain4.1:8443/api/v1/events" || true; }
expect "events over TLS" grep -q '^: connected' <<<"$(secret)"

# With an authority for clients: its certificate is demanded, and is enough.
expect "the gateway stops again" stop_gateway
make_certificate() {  # make_certificate NAME CA
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$lab_dir/$1.pem.key" -out "$lab_dir/$1.csr"
    openssl x509 -req -days 2 -in "$lab_dir/$1.csr" -CA "$lab_dir/$2.pem" -CAkey "$lab_dir/$2.pem.key" -CAcreateserial -out "$lab_dir/$1.pem"
} 2>/dev/null
for ca in operators strangers; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$ca" \
        -keyout "$lab_dir/$ca.pem.key" -out "$lab_dir/$ca.pem" 2>/dev/null
done
make_certificate operator operators
make_certificate stranger strangers
sed -i "s|tls: {|tls: {client_ca: $lab_dir/operators.pem, |" "$lab_dir/gateway.yaml"
start_gateway
with() { echo "--cert $lab_dir/$1.pem --key $lab_dir/$1.pem.key"; }
for tls in 1.2 1.3; do
    # shellcheck disable=SC2046
    expect_equal "a client of the authority, TLS $tls" 200 "$(far_status $(with operator) --tls-max $tls)"
    expect_equal "no certificate, TLS $tls" 000 "$(far_status --tls-max $tls || true)"
    expect_equal "none but the token, TLS $tls" 000 "$(far_status --tls-max $tls -H 'Authorization: Bearer open sesame' || true)"
    # shellcheck disable=SC2046
    expect_equal "a stranger's, TLS $tls" 000 "$(far_status $(with stranger) --tls-max $tls || true)"
done
# shellcheck disable=SC2046
expect_equal "it may write, too" 200 "$(on host curl -s -m 10 -o /dev/null -w '%{http_code}' \
    --cacert "$lab_dir/tls.pem" $(with operator) -X POST "https://$plain4.1:8443/api/v1/reload")"
