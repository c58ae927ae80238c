#!/usr/bin/env bash
# Every check in phases, each with its time. A phase that fails does not hide what the later ones
# have to say; only those that everything else needs end the run. Two phases run at a time: what
# waits for servers leaves a processor to what compiles. Pages are driven last, two files at a time.
# LOG_CENTER_TEST_LONG=1 makes those phases long that have a long form.

# shellcheck disable=SC2317 # The functions below are called by name, as arguments of `phase`.
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

fuzz_seconds=60
[ -z "${LOG_CENTER_TEST_LONG:-}" ] || fuzz_seconds=600

failed=$scratch/failed
phase() {
    local name=$1 began=$SECONDS outcome='' seconds
    shift
    printf '\n== %s\n' "$name"
    "$@" || outcome=', FAILED'
    seconds=$((SECONDS - began))
    printf '== %s: %d s%s\n' "$name" "$seconds" "$outcome"
    [ -z "$outcome" ] || printf 'failed: %s\n' "$name" >>"$failed"
    [ -z "$outcome" ]
}

finish() {
    printf '\n== all: %d s\n' "$SECONDS"
    [ -e "$failed" ] || exit 0
    cat "$failed"
    exit 1
}

web() {
    (cd web && npm run check && npm test)
}

# `web/dist` is committed so that the program builds without Node: it has to be what `web/` makes.
dist() {
    (cd web && npx vite build --outDir "$scratch/dist" --emptyOutDir --logLevel warn) || return 1
    diff -r "$scratch/dist" web/dist || {
        echo 'web/dist is not what web/ builds to: run make web and commit it.'
        return 1
    }
}

# The file for pages is committed so that nobody needs Node to serve it.
clients_js() {
    cp clients/js/browser/log-center.js "$scratch/log-center.js" || return 1
    (cd clients/js && npm run --silent build) || return 1
    cmp "$scratch/log-center.js" clients/js/browser/log-center.js || {
        echo 'clients/js/browser is not what clients/js builds to: run make client-js.'
        return 1
    }
    (cd clients/js && npm test --silent)
}

shell() {
    if ! command -v shellcheck >/dev/null; then
        echo 'shellcheck is not installed: skipped'
        return 0
    fi
    shellcheck .ci/run install.sh packaging/*.sh packaging/debian/p* tests/*.sh tests/fuzz/*.sh \
        clients/python/tests/*.sh \
        docs/guide/snippets/report_error.sh || return 1
    # What is pasted into a terminal has no first line to name its shell.
    shellcheck --shell=sh docs/guide/snippets/curl.sh
}

# What is about the program's code.
compiled() {
    phase 'build' cargo build "${profile[@]}" || return 0
    touch "$scratch/built"
    phase 'cargo test' cargo test "${profile[@]}" --no-fail-fast || true
    phase 'clippy' cargo clippy "${profile[@]}" --workspace --all-targets -- -D warnings || true
    # It makes up so much, however long that takes; the clients beside it measure what they cost.
    phase 'fuzz' nice -n 10 tests/fuzz/run.sh "$fuzz_seconds" || true
}

# What drives the program from outside.
driven() {
    phase 'dashboard' web || true
    phase 'web/dist is what web/ builds to' dist || true
    until [ -e "$scratch/built" ]; do
        [ ! -e "$failed" ] || ! grep -qx 'failed: build' "$failed" || return 0
        sleep 1
    done
    phase 'python' .venv/bin/python -m pytest tests/python || true
    phase 'clients-js' clients_js || true
    phase 'clients-python' clients/python/tests/run.sh || true
}

phase 'set up' tests/setup.sh || finish
phase 'format' cargo fmt --all --check || true
phase 'shell scripts' shell || true
phase 'licences and sources' tests/deny.sh || true

driven >"$scratch/driven.log" 2>&1 &
compiled
echo 'What ran beside it:'
tail -n +1 -f --pid=$! "$scratch/driven.log"
wait
[ ! -e "$scratch/built" ] ||
    phase 'browser' node --test --test-concurrency=2 --test-reporter=spec tests/browser/ || true
finish
