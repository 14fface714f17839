#!/usr/bin/env bash
# A kernel's library shares no code: none of its symbols is weak, for the linker keeps one of all the weak
# symbols of a name, and that one may be the kernel's.
set -euo pipefail

symbols=$(nm --demangle "$1")
[[ $symbols == *" T "* ]] || { echo "no functions in $1" >&2; exit 1; }
if grep -E ' [WwVvu] ' <<<"$symbols"; then
    echo "weak symbols in $1" >&2
    exit 1
fi
