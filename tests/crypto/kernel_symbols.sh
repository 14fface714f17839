#!/usr/bin/env bash
# A kernel's library shares no code: none of its symbols is weak, for the linker keeps one of all the weak
# symbols of a name, and that one may be the kernel's.
set -euo pipefail

for library in "$@"; do
    symbols=$(nm --demangle "$library")
    grep -q ' [TD] ' <<<"$symbols" || { echo "nothing to call in $library" >&2; exit 1; }
    if grep ' W ' <<<"$symbols"; then
        echo "weak symbols in $library" >&2
        exit 1
    fi
done
