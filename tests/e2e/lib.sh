# shellcheck shell=bash disable=SC2154
# What every end-to-end test begins with. A test is one behaviour: it builds the network it needs
# with the functions of tools/lib/, does something, and says what it expected. It passes with status
# 0, fails with 1, and is skipped with 125.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
for part in lab network gateway traffic; do
    # shellcheck source=/dev/null
    source "$root/tools/lib/$part.sh"
done

skip() { echo "skipped: $*"; exit 125; }
fail() { failure=$*; exit 1; }
failure=""

# expect WHAT COMMAND...: WHAT is the rule that the command's success shows.
expect() {
    local what=$1
    shift
    if ! "$@" >"$lab_dir/output" 2>&1; then
        cat "$lab_dir/output"
        fail "$what   ($*)"
    fi
    echo "ok: $what"
}
expect_not() {
    local what=$1
    shift
    if "$@" >/dev/null 2>&1; then fail "$what   (not expected: $*)"; fi
    echo "ok: $what"
}

# equal WHAT EXPECTED ACTUAL
expect_equal() {
    [[ $2 == "$3" ]] || fail "$1: expected '$2', got '$3'"
    echo "ok: $1"
}

# The usual network with the gateway and all clients running: add clients first.
start_all() {
    write_config "$@"
    start_gateway || fail "the gateway did not start"
    start_clients || fail "the clients did not start"
}

# Runs before the laboratory is cleaned up: after a failure, what one would want to read.
before_lab_close() {
    (($1 == 0 || $1 == 125)) && return
    local log
    end_processes "${lab_processes[@]}"  # the gateway's last words are its counters
    [[ -e $lab_dir/gateway.yaml ]] && { echo "--- gateway.yaml"; cat "$lab_dir/gateway.yaml"; }
    for log in "$lab_dir"/*.log; do
        [[ -s $log ]] && { echo "--- ${log##*/}"; tail -n 30 "$log"; }
    done
    echo "FAILED: ${failure:-status $1}"
} >&2
trap 'failure="${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND"' ERR
set -o errtrace

((EUID == 0)) || skip "needs root"
lab_open
[[ -x $ringway ]] || fail "$ringway is not built"
