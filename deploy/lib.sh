# shellcheck shell=bash
# What the scripts of deploy/ share: source it after `set -euo pipefail`.
#   say, step, good, warn, fail   one line each to the terminal; colour only on one
#   slowly TEXT CMD…              runs CMD with its output kept, shows elapsed seconds, and the
#                                 megabytes in $slow_folder when that is set
#   slowly_stop                   for the EXIT trap: ends what slowly still runs, drops its output
#   need_root CMD…                runs CMD as root, through sudo when there is one
#   lock_section NAME…            the named sections of models.lock

deploy_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034  # read by the scripts that source this file
repo_dir=$(dirname "$deploy_dir")

if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' plain=$'\e[0m'
else
    bold='' dim='' red='' green='' yellow='' plain=''
fi

say() { printf '%s\n' "$*"; }
step() { printf '%s==>%s %s\n' "$bold" "$plain" "$*"; }
good() { printf ' %s✓%s  %s\n' "$green" "$plain" "$*"; }
warn() { printf ' %s!%s  %s\n' "$yellow" "$plain" "$*" >&2; }

# fail CODE LINE…: says what happened and what to do next, and exits with CODE.
fail() {
    local code=$1 line
    shift
    printf '%serror:%s %s\n' "$red" "$plain" "$1" >&2
    shift
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit "$code"
}

# elapsed SINCE: seconds since SINCE (a value of $EPOCHREALTIME), with one decimal.
elapsed() {
    local tenths=$(((${EPOCHREALTIME/[.,]/} - ${1/[.,]/}) / 100000))
    printf '%d.%d s' $((tenths / 10)) $((tenths % 10))
}

slow_progress() {
    local megabytes=''
    [[ -z ${slow_folder:-} ]] || megabytes=", $(du -sm "$slow_folder" 2>/dev/null | cut -f1) MB"
    printf '(%s%s)' "$(elapsed "$1")" "$megabytes"
}

# slowly TEXT CMD…: runs CMD quietly; on a terminal the line counts the seconds. CMD's output goes
# to $slow_log, which the caller may show when CMD fails. Returns CMD's status.
slowly() {
    local text=$1 since=$EPOCHREALTIME status=0
    shift
    slow_log=${slow_log:-$(mktemp)}
    "$@" >"$slow_log" 2>&1 &
    slow_job=$!
    if [[ -t 1 ]]; then
        while kill -0 "$slow_job" 2>/dev/null; do
            printf '\r %s…%s  %s %s%s%s ' "$dim" "$plain" "$text" "$dim" "$(slow_progress "$since")" "$plain"
            sleep 0.2
        done
        printf '\r\e[K'
    else
        printf ' …  %s\n' "$text"
    fi
    wait "$slow_job" || status=$?
    slow_job=
    ((status)) || good "$text $dim$(slow_progress "$since")$plain"
    return "$status"
}

# A background job of a script ignores Ctrl-C, so the script must pass the end on.
slowly_stop() {
    if [[ -n ${slow_job:-} ]]; then
        kill "$slow_job" 2>/dev/null || true
        wait "$slow_job" 2>/dev/null || true
    fi
    [[ -z ${slow_log:-} ]] || rm -f "$slow_log"
}

# need_root CMD…: status 126 when neither root nor sudo without a question is at hand.
need_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
        sudo "$@"
    else
        return 126
    fi
}

lock_section() {
    awk -v wanted=" $* " '/^#\[/ { name = substr($0, 3, length($0) - 3); next }
        index(wanted, " " name " ") && !/^#/' "$deploy_dir/models.lock"
}

# find_chromium: prints where the browser is; fails where there is none.
find_chromium() { type -P chromium || type -P chromium-browser; }

# What people run is built for release; the tests drive those programs and are themselves built for debugging.
# shellcheck disable=SC2034
bin_dir=$repo_dir/.build/release

# build_products: both executables. Minutes the first time, seconds after.
build_products() {
    step "Building (the first time takes about ten minutes on two cores)"
    (cd "$repo_dir" && slowly "vultus-hub" swift build -c release --product vultus-hub) || build_failed
    (cd "$repo_dir" && slowly "vultus-edge" swift build -c release --product vultus-edge) || build_failed
}

# build_simulation: what plays seeds for the tests and makes the dark device for the bench, optimised.
build_simulation() {
    (cd "$repo_dir" && slowly "vultus-simulation" swift build -c release --product vultus-simulation) || build_failed
}

build_failed() {
    [[ -z ${slow_log:-} ]] || tail -n 30 "$slow_log" >&2
    fail 1 "the build failed" "The last lines are above."
}
