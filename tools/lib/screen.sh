# shellcheck shell=bash
# What a person sees of the demo: headings, progress, verdicts; in colour on a terminal.

bold="" plain="" green="" red="" dim=""
if [[ -t 1 && -z ${NO_COLOR-} && ${TERM-dumb} != dumb ]]; then
    bold=$'\e[1m' plain=$'\e[0m' green=$'\e[32m' red=$'\e[31m' dim=$'\e[2m'
fi
passes=0
failures=0

heading() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
step() { printf '  %s... %s%s\n' "$dim" "$*" "$plain"; }
passed() { printf '  %sok%s   %s\n' "$green" "$plain" "$*"; passes=$((passes + 1)); }
failed() { printf '  %sFAIL %s%s\n' "$red" "$*" "$plain"; failures=$((failures + 1)); }

# Says how it went; false if anything failed.
summary() {
    if ((failures)); then
        printf '  %s%d checks passed, %d failed%s\n' "$red" "$passes" "$failures" "$plain"
        return 1
    fi
    printf '  %sall %d checks passed%s\n' "$green" "$passes" "$plain"
}
