# shellcheck shell=bash disable=SC2154,SC2034
# What every script that tools/bench runs begins with: the laboratory of tools/lib, and how results are told.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
for part in lab network gateway traffic; do
    # shellcheck source=/dev/null
    source "$root/tools/lib/$part.sh"
done

runs=""  # the file that results are told to; empty: to standard output
quick=no

# begin WHAT "$@": the script's options; WHAT it does, for --help.
begin() {
    local what=$1
    shift
    while (($#)); do
        case $1 in
            --runs) runs=${2:?--runs needs a file}; shift ;;
            --quick) quick=yes ;;
            *)
                printf 'usage: %s [--quick] [--runs FILE]\n\n%s\nNeeds root. A line for each run: name, unit, value; perhaps reference, and what it is.\n' \
                    "${0##*/}" "$what"
                [[ $1 == --help || $1 == -h ]] || exit 2
                exit 0
                ;;
        esac
        shift
    done
    [[ -x $ringway ]] || { echo "$ringway is not built" >&2; exit 1; }
    lab_open
}

# tell NAME UNIT VALUE [REFERENCE RATIO_TO]: a result of one run.
tell() {
    local IFS=$'\t'
    if [[ -n $runs ]]; then echo "$*" >>"$runs"; else echo "$*"; fi
}

# Progress, for a person.
doing() { echo "$*" >&2; }

give_up() { echo "$*" >&2; exit 1; }

# Runs before the laboratory is cleaned up.
before_lab_close() {
    (($1 == 0)) && return
    local log
    for log in "$lab_dir"/*.log; do
        [[ -s $log ]] && { echo "--- ${log##*/}"; tail -n 15 "$log"; }
    done
} >&2

# numbered_peers_yaml COUNT: peers for a configuration. Any 32 bytes are a public key; these are as random as
# others, for tables find peers by them, and the same in every run.
numbered_peers_yaml() {
    python3 - "$1" <<'PY'
import base64, hashlib, sys
for i in range(int(sys.argv[1])):
    key = base64.b64encode(hashlib.sha256(b"%d" % i).digest()).decode()
    print(f'      - {{name: peer{i}, public_key: "{key}", allowed_ips: [10.{64 + (i >> 16)}.{i >> 8 & 255}.{i & 255}/32]}}')
PY
}
