#!/usr/bin/env bash
# --check names every error of a file with its place and accepts a good file.
source "$(dirname "$0")/lib.sh"

add_network
add_client alice
write_config
good=$lab_dir/gateway.yaml bad=$lab_dir/bad.yaml
expect "a good file passes" "$ringway" --config "$good" --check

sed 's/listen_port: .*/listen_port: 70000/; s/    host: {addresses/    hots: {addresses/' "$good" >"$bad"
status=0
"$ringway" --config "$bad" --check >"$lab_dir/problems" 2>&1 || status=$?
cat "$lab_dir/problems"
expect_equal "a bad file ends with status" 1 "$status"
line=$(grep -n 'listen_port: 70000' "$bad" | cut -d : -f 1)
expect "the bad port is named with its place" grep -E "^$bad:$line:[0-9]+: " "$lab_dir/problems"
line=$(grep -n 'hots:' "$bad" | cut -d : -f 1)
expect "so is the unknown key, in the same run" grep -E "^$bad:$line:[0-9]+: .*host" "$lab_dir/problems"

expect_not "the gateway does not start from it" on gw timeout 10 "$ringway" --config "$bad" --no-console
chmod 644 "$lab_dir/wg0.key"
expect_not "a key file that others can read is refused" "$ringway" --config "$good" --check
expect "unless that is asked for" "$ringway" --config "$good" --check --insecure-key-files

cp "$root/tools/example.yaml" "$lab_dir/example.yaml"
wg genkey >"$lab_dir/wg0.key"
wg genpsk >"$lab_dir/alice.psk"
chmod 600 "$lab_dir/wg0.key"
expect "the example passes" "$ringway" --config "$lab_dir/example.yaml" --check
