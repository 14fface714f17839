#!/usr/bin/env bash
# A kernel of the AEAD reads nothing at addresses that come from vectors: no gathers, no scatters; and the
# rounds of ChaCha20 have one jump, that of their loop.
set -euo pipefail

code=$(objdump --disassemble --no-show-raw-insn --demangle "$1")
grep -q chacha20_rounds <<<"$code" || { echo "no rounds in $1" >&2; exit 1; }
if grep -E '\s(vp?gather|vp?scatter)' <<<"$code"; then
    echo "gathers or scatters in $1" >&2
    exit 1
fi
jumps=$(awk '/^[0-9a-f]+ <.*>:$/ { name = $0 } name ~ /chacha20_rounds/ && $2 ~ /^j/ { ++jumps[name] }
    END { for (name in jumps) if (jumps[name] != 1) print jumps[name], name }' <<<"$code")
[[ -z $jumps ]] || { echo "jumps in the rounds: $jumps" >&2; exit 1; }
