#!/usr/bin/env bash
# patient
# What befalls the gateway's host is told, does no lasting harm, and is mended without a restart. With
# --minutes M --seed N --json FILE, the faults come in an order by seed for that time, as a part of a siege.
source "$(dirname "$0")/lib.sh"
# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/faults.bash"

minutes="" seed=1 json=""
while (($#)); do
    case $1 in
        --minutes) minutes=$2 ;;
        --seed) seed=$2 ;;
        --json) json=$2 ;;
        *) fail "unknown option $1" ;;
    esac
    shift 2
done

add_network
add_client alice
add_client bob psk=yes outer=6
write_config
# Where a disk can be full.
mkdir "$lab_dir/conf"
mv "$lab_dir/gateway.yaml" "$lab_dir/conf"
ln -s conf/gateway.yaml "$lab_dir/gateway.yaml"
start_gateway
start_clients
expect "alice reaches the host" reaches alice "$plain4.2"
expect "bob reaches the host" reaches bob "$plain4.2"

if [[ -z $minutes ]]; then
    for fault in "${faults[@]}"; do do_fault "$fault"; done
    expect "bob reaches the host still" reaches bob "$plain4.2" 15
    expect "SIGTERM ends the gateway with status 0" stop_gateway
    exit 0
fi

# Killed and started again, too: the clients notice after KEEPALIVE_TIMEOUT + REKEY_TIMEOUT = 15 s.
fault_killed() {
    kill -KILL "$gateway_pid"
    wait_until 5 all_ended "$gateway_pid"
    expect_not "its interface is gone" on gw ip link show rw-wan
    expect "it starts again" start_gateway
    expect "alice recovers" reaches alice "$plain4.2" 30
}
faults+=(killed)

declare -A tried spent
report() {
    local name failures
    for name in "${faults[@]}"; do
        failures='[]'
        [[ -z $failure || $name != "${fault-}" ]] ||
            failures=$(jq -nc --arg text "${name//_/ }: $failure (repeat: faults.sh --minutes $minutes --seed $seed)" '[$text]')
        jq -nc --arg what "fault: ${name//_/ }" --argjson failures "$failures" --argjson tried "${tried[$name]-0}" \
            --argjson seconds "${spent[$name]-0}" \
            '{what: $what, tried: $tried, unit: "times", seconds: $seconds, lost: ($failures | length), failures: $failures}'
    done | jq -s '{part: "faults", rows: .}' >"$json"
}
eval "lib_$(declare -f before_lab_close)"
before_lab_close() {
    [[ -z $json ]] || report
    lib_before_lab_close "$1"
}

echo "seed $seed"
RANDOM=$seed
ends=$(awk -v now="$SECONDS" -v minutes="$minutes" 'BEGIN { print int(now + minutes * 60) }')
due=()
while ((SECONDS < ends)); do
    # All of them in a new order, again and again.
    if ((${#due[@]} == 0)); then due=("${faults[@]}"); fi
    pick=$((RANDOM % ${#due[@]}))
    fault=${due[pick]}
    due=("${due[@]:0:pick}" "${due[@]:pick+1}")
    began=$SECONDS
    do_fault "$fault"
    tried[$fault]=$((${tried[$fault]-0} + 1))
    spent[$fault]=$((${spent[$fault]-0} + SECONDS - began))
    echo "faults: $(IFS=+; echo $((${tried[*]}))) done" >&2
done
expect "bob reaches the host still" reaches bob "$plain4.2" 30
expect "SIGTERM ends the gateway with status 0" stop_gateway
