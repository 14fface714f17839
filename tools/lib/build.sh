# shellcheck shell=bash disable=SC2154
# Installing what is missing and building, for the demo and the tests.

build_targets=()  # what to build; empty: all there is

# build DIRECTORY LOG [MESON OPTION...]
build() {
    local directory=$1 log=$2
    shift 2
    "$root/tools/install-packages" || return 1
    {
        # Debian's tools: a person's own python3 or pip's meson may stand before them in PATH.
        PATH=/usr/bin:$PATH
        if [[ ! -e $directory/build.ninja ]]; then
            meson setup "$directory" "$root" "$@" || return 1
        fi
        ninja -C "$directory" build.ninja || return 1  # meson compile looks for targets in what it last wrote
        meson compile -C "$directory" "${build_targets[@]}"
    } >"$log" 2>&1 </dev/null
}
