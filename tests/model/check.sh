#!/usr/bin/env bash
# Lets spin look at every interleaving of serial_queue.pml, in sizes that take seconds, and at the model
# with one rule broken at a time, in which it must find an error.
#
#     check.sh [--wide]      # sizes that take a minute
#
# Status 77: spin is not installed.
set -uo pipefail

model=$(dirname "$(realpath "$0")")/serial_queue.pml
sizes=("RX=2 EACH=1 CRYPTO=2 POOL=2" "RX=1 EACH=3 CRYPTO=2 POOL=2" "RX=2 EACH=2 CRYPTO=1 POOL=2 REFUSALS=0")
[[ ${1-} != --wide ]] ||
    sizes+=("RX=2 EACH=2 CRYPTO=2 POOL=2 REFUSALS=0" "RX=1 EACH=4 CRYPTO=2 POOL=3")
rules=(SIGNAL_BEFORE_STATE TAIL_BEFORE_HEAD LOWER_AFTER_DRAIN FREE_AT_ONCE NO_REARM)

command -v spin >/dev/null || { echo "needs the package spin"; exit 77; }
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1

# search DEFINITION...: spin's verdict in `verdict`, with what it found. False if it could not search.
search() {
    spin "${@/#/-D}" -a "$model" && gcc -O1 -w -DSAFETY -DCOLLAPSE -o pan pan.c || return 1
    ./pan -m100000 >found || return 1
    ! grep -q 'max search depth too small' found || return 1
    verdict=$(sed -n 's/.*errors: \([0-9]*\)$/\1/p' found)
    states=$(sed -n 's/ *\([0-9]*\) states, stored$/\1/p' found)
    [[ -n $verdict ]]
}

failed=0
for size in "${sizes[@]}"; do
    # shellcheck disable=SC2086  # several definitions
    if search $size && ((verdict == 0)); then
        echo "ok    $size: $states states"
    else
        echo "FAIL  $size: $(grep -m1 '^pan:1' found)"
        failed=1
    fi
done
for rule in "${rules[@]}"; do
    # shellcheck disable=SC2086
    if search ${sizes[0]} "BREAK_$rule" && ((verdict > 0)); then
        echo "ok    BREAK_$rule is found: $(grep -m1 '^pan:1' found)"
    else
        echo "FAIL  BREAK_$rule is not found"
        failed=1
    fi
done
exit "$failed"
