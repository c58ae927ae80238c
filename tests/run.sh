#!/usr/bin/env bash
# Every check, one phase after another, each with its time. Ends at the first phase that fails.
# LOG_CENTER_TEST_LONG=1 makes those phases long that have a long form.
set -euo pipefail
cd "$(dirname "$0")/.."

root=$PWD
target=${CARGO_TARGET_DIR:-target}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Release-like, but quick to build: one build serves clippy, cargo's tests and the program that
# Python and the browser meet.
profile=(--profile ci --locked)
export LOG_CENTER_BIN=$root/$target/ci/log-center
case $target in /*) LOG_CENTER_BIN=$target/ci/log-center ;; esac

phase() {
    local name=$1 began=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    if ! "$@"; then
        printf '== %s: FAILED after %d s\n' "$name" "$((SECONDS - began))"
        printf 'failed: %s\n' "$name"
        exit 1
    fi
    printf '== %s: %d s\n' "$name" "$((SECONDS - began))"
}

web() {
    (cd web && npm run check && npm test) || return 1
}

# `web/dist` is committed so that the program builds without Node: it has to be what `web/` makes.
dist() {
    (cd web && npx vite build --outDir "$scratch/dist" --emptyOutDir --logLevel warn) || return 1
    diff -r "$scratch/dist" web/dist || {
        echo 'web/dist is not what web/ builds to: run make web and commit it.'
        return 1
    }
}

shell() {
    if ! command -v shellcheck >/dev/null; then
        echo 'shellcheck is not installed: skipped'
        return 0
    fi
    shellcheck .ci/run install.sh tests/*.sh
}

began=$SECONDS
phase 'set up' tests/setup.sh
phase 'format' cargo fmt --check
phase 'shell scripts' shell
phase 'dashboard' web
phase 'web/dist is what web/ builds to' dist
phase 'clippy' cargo clippy "${profile[@]}" --all-targets -- -D warnings
phase 'build' cargo build "${profile[@]}"
phase 'cargo test' cargo test "${profile[@]}"
phase 'python' .venv/bin/python -m pytest tests/python
phase 'browser' node --test --test-reporter=spec tests/browser/
printf '\n== all: %d s\n' "$((SECONDS - began))"
