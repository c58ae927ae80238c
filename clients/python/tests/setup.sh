#!/usr/bin/env bash
# Installs what the tests of this client use into .venv, when the pins have changed since.
set -euo pipefail
cd "$(dirname "$0")/.."

pins=$(cat tests/requirements*.txt tests/constraints.txt)
[ "$pins" != "$(cat .venv/.installed 2>/dev/null)" ] || exit 0

rm -rf .venv
python3 -m venv .venv
pip() {
    .venv/bin/pip install --quiet --disable-pip-version-check "$@"
}
pip -r tests/requirements.txt
# Folders beside site-packages; pip would complain of what does not fit into it.
pip --target .venv/older --no-deps -r tests/requirements-older.txt
pip --target .venv/any --no-deps --only-binary=:all: --platform any --abi none \
    --implementation py --python-version 3.9 -r tests/requirements-any.txt
printf '%s' "$pins" >.venv/.installed
