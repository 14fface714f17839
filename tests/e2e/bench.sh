#!/usr/bin/env bash
# The benchmark brings every name it promises, in the form of its files, draws them, and compares them.
# timeout: 400
source "$(dirname "$0")/lib.sh"

for program in bench-aead bench-handshake; do
    [[ -x $root/build/tools/benchmarks/$program ]] || skip "build/tools/benchmarks/$program is not built"
done
bench=("$root/tools/bench" --no-build)
json=$lab_dir/new.json

expect "a quick run brings results" \
    "${bench[@]}" --quick --only aead,handshake --json "$json" --chart "$lab_dir/new.svg"
has_name() { jq -e --arg name "$1" '[.results[] | select(.name == $name)] | length == 1' "$json"; }
for direction in encrypt decrypt; do
    for size in 16 64 1440 imix; do
        for name in burst1 burst32 burst64 burst32/dram burst32/ipsec-mb-burst burst32/ipsec-mb-direct burst32/openssl; do
            has_name "aead/$direction/$size/$name" >/dev/null || fail "no aead/$direction/$size/$name"
        done
    done
done
for name in x25519/batch blake2s/64 handshake/responder; do
    expect "it brings $name" has_name "$name"
done
expect "each result is the median of runs that are kept" jq -e '
    def median: sort | if length % 2 == 1 then .[length / 2 | floor] else (.[length / 2] + .[length / 2 - 1]) / 2 end;
    (.machine.cpu | length > 0) and (.commit | length > 0) and (.results | length > 800)
    and all(.results[]; .value == (.runs | median) and .value > 0 and (has("ratio") == has("ratio_to")))' "$json"
expect "the chart is a picture with text" grep -q '<svg.*' "$lab_dir/new.svg"

says() {  # says TEXT COMMAND...: whatever its status
    local text=$1
    shift
    grep -e "$text" < <("$@" 2>&1)
}
expect "compared with itself nothing is worse" \
    "${bench[@]}" --show "$json" --compare "$json" --fail-below 0.999
jq '.results[0].ratios |= map(. * 2) | .results[0].ratio *= 2' "$json" >"$lab_dir/old.json"
worse=("${bench[@]}" --show "$json" --compare "$lab_dir/old.json")
expect "what became worse is shown" says 'aead/encrypt/16/burst1 .*x0.500 worse' "${worse[@]}"
expect "which is no failure" "${worse[@]}"
expect_not "unless that was asked" "${worse[@]}" --fail-below 0.9

expect_not "a part that there is not is refused" "${bench[@]}" --only speed
expect_not "a file without results is refused before anything is run" "${bench[@]}" --compare /etc/hostname
mkdir -p "$lab_dir/tree/tools"
cp -r "$root/tools/bench" "$root/tools/benchmarks" "$lab_dir/tree/tools"
unbuilt=("$lab_dir/tree/tools/bench" --no-build --only aead)
expect_not "a part that is not built is a failure" "${unbuilt[@]}"
expect "and it is named" says 'FAIL aead: not built' "${unbuilt[@]}"
