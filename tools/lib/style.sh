# shellcheck shell=bash disable=SC2154,SC2034
# Checks of the sources themselves. Each prints what it found and is false if it found anything.

style_checks=(format headers layering)
source_folders=(crypto config dataplane control tools tests)

sources() {  # sources FIND-EXPRESSION
    (cd "$root" && find "${source_folders[@]}" -type f "$@" | sort)
}

# Every source file is as clang-format would write it.
check_format() {
    local found
    found=$(sources -name '*.h' -o -type f -name '*.cpp' |
        (cd "$root" && xargs -r clang-format --dry-run -Werror 2>&1) | grep 'error:')
    echo "$found"
    [[ -z $found ]]
}

# Every header compiles alone: it includes what it needs.
check_headers() {
    sources -name '*.h' | (cd "$root" && xargs -r -P "$(nproc)" -I {} "$BASH" -c '
        echo "#include \"{}\"" | g++ -std=c++20 -Wall -Wextra -Wno-missing-field-initializers -Werror -mcx16 -fno-strict-aliasing \
            -fsyntax-only -I. '"$(pkg-config --cflags libdpdk | sed 's/-I/-isystem /g')"' -x c++ - ||
            { echo "{} does not compile alone"; exit 1; }')
}

# Dependencies point one way: control -> dataplane -> crypto, control -> config.
check_layering() {
    local status=0
    only_includes crypto crypto || status=1
    only_includes config config || status=1
    only_includes dataplane 'dataplane|crypto' || status=1
    only_includes control 'control|dataplane|crypto|config' || status=1
    return "$status"
}
only_includes() {  # only_includes FOLDER ALLOWED
    local found
    found=$(cd "$root" || exit; grep -rnE '^#include "' --include='*.h' --include='*.cpp' "$1" |
        grep -vE "#include \"($2)/" || true)
    [[ -z $found ]] && return
    echo "$1/ may include its own and ($2) only:"
    echo "$found"
    return 1
}

# tidy_sources all|changed: the sources that clang-tidy is to look at. A header is looked at with the
# sources that include it.
tidy_sources() {
    if [[ $1 == all ]]; then sources -name '*.cpp'; else changed_sources; fi
}
changed_sources() {
    local base file
    cd "$root" || return
    base=$(git merge-base HEAD main 2>/dev/null) || base=HEAD
    { git diff --name-only "$base"; git ls-files --others --exclude-standard; } | while read -r file; do
        [[ -e $file ]] || continue
        case $file in
            *.cpp) echo "$file" ;;
            *.h) grep -rlF "#include \"$file\"" --include='*.cpp' "${source_folders[@]}" ;;
        esac
    done | sort -u
}

# check_tidy BUILD SOURCE...: clang-tidy has nothing to say, by the checks in .clang-tidy.
check_tidy() {
    local build=$1
    shift
    (cd "$root" && run-clang-tidy -quiet -p "$build" -j "$(nproc)" "${@/%/\$}")
}
