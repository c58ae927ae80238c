#!/usr/bin/env bash
# Stands between cargo and rustc for the packages of this repository: adds what libFuzzer counts.
# A build script is no target: nothing in it would answer the counters.
set -euo pipefail

case ${CARGO_CRATE_NAME:-} in
'' | build_script_build) exec "$@" ;;
esac
exec "$@" -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares
