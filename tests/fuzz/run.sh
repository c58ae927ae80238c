#!/usr/bin/env bash
# Builds the fuzz targets and runs them, two at once, each for as many seconds as the first argument
# says, from the inputs in corpus/. With `grow` behind it, what reaches new code is kept there;
# without, it makes up the same each time, so that no change is blamed for a finding by chance.
# A finding ends its target: the input and how to run it alone are printed.

# shellcheck disable=SC2317 # The functions below are called by name, in shells of their own.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-60}
grow=${2:-}
targets=(decoders heads reports scrubber search stacks)
# What a minute makes up on two cores: a faster machine ends earlier rather than going further.
declare -A most=([decoders]=450000 [heads]=900000 [reports]=25000 [scrubber]=90000)
most+=([search]=90000 [stacks]=14000)

target_dir=${CARGO_TARGET_DIR:-target}
case $target_dir in /*) ;; *) target_dir=$(cd ../.. && pwd)/$target_dir ;; esac
export CARGO_TARGET_DIR=$target_dir
seed=1
[ "$grow" != grow ] || seed=0
export seed found=$target_dir/fuzz programs=$target_dir/ci seconds
# One that is larger is cut: what matters fits, and marks in the input stand for whole megabytes.
export INPUT_BYTES_MAX=2048

# The profile of the other tests, so that their dependencies are used again.
RUSTC_WORKSPACE_WRAPPER=$PWD/instrument.sh \
    cargo build --profile ci --locked --package log-center-fuzz

# What is found waits beside the build, where the next run goes on from it.
fuzz() {
    local name=$1 runs=$2 log=$found/$1.log input
    mkdir -p "$found/$name" "$found/findings"
    if "$programs/$name" "$found/$name" "corpus/$name" -max_total_time="$seconds" \
        -seed="$seed" -runs="$runs" \
        -max_len="$INPUT_BYTES_MAX" -timeout=60 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="$found/findings/$name-" >"$log" 2>&1; then
        printf '%s: %s\n' "$name" "$(grep -a ' cov: ' "$log" | tail -n 1 | cut -c 1-100)"
        return
    fi
    grep -a -B 8 -A 16 -m 1 -E 'panicked at|ERROR: libFuzzer' "$log" | cut -c 1-500 || tail "$log"
    grep -a '^Base64: ' "$log" || true
    input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
    printf '%s: FAILED. Alone: %s %s\n' "$name" "$programs/$name" "$input"
    return 1
}

# The smallest set of inputs that reaches all that the old and the new ones reach together.
keep() {
    local name=$1 kept=$found/$1.kept
    rm -rf "$kept"
    mkdir -p "$kept" "corpus/$name"
    "$programs/$name" -set_cover_merge=1 -use_counters=0 -max_len="$INPUT_BYTES_MAX" \
        "$kept" "corpus/$name" "$found/$name" >"$found/$name.kept.log" 2>&1
    rm -r "corpus/$name"
    mv "$kept" "corpus/$name"
    printf '%s: %s inputs, %s bytes\n' "$name" "$(find "corpus/$name" -type f | wc -l)" \
        "$(cat "corpus/$name"/* | wc -c)"
}

export -f fuzz keep
outcome=0
# shellcheck disable=SC2016 # Expanded by the shell that is started.
for name in "${targets[@]}"; do
    runs=-1
    [ "$grow" = grow ] || [ "$seconds" -gt 60 ] || runs=${most[$name]}
    printf '%s %s\n' "$name" "$runs"
done | xargs -P 2 -L 1 bash -c 'fuzz "$0" "$1"' || outcome=1
if [ "$grow" = grow ]; then
    printf '%s\n' "${targets[@]}" | xargs -P 2 -I {} bash -c 'keep {}'
fi
exit "$outcome"
