#!/usr/bin/env bash
# Tests this client: everything with the Python of .venv, and what needs no framework with each
# other Python from 3.9 on that is here. LOG_CENTER_BIN names the program to test against.
set -euo pipefail
cd "$(dirname "$0")/.."

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# The version of a Python, as 3.9; nothing when it does not run.
version() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true
}

# They mostly wait, so they run beside each other.
pythons=()
core() {
    pythons+=("$1")
    PYTHONPATH=$3 "$2" -m pytest -p no:cacheprovider tests/core >"$logs/$1" 2>&1 &
    echo $! >"$logs/$1.pid"
}

own=$(version .venv/bin/python)
core "$own" .venv/bin/python ''
for wanted in 3.9 3.10 3.11 3.12 3.13 3.14; do
    [ "$wanted" != "$own" ] || continue
    # On the path, or where pyenv keeps them; its shims run only what is chosen.
    for python in "$(command -v "python$wanted" || true)" \
        "${PYENV_ROOT:-$HOME/.pyenv}/versions/$wanted".*/bin/python; do
        if [ -x "$python" ] && [ "$(version "$python")" = "$wanted" ]; then
            core "$wanted" "$python" .venv/any
            break
        fi
    done
done

outcome=0
for wanted in "${pythons[@]}"; do
    wait "$(cat "$logs/$wanted.pid")" || outcome=1
    printf 'Python %s\n' "$wanted"
    cat "$logs/$wanted"
done
.venv/bin/python -m pytest --durations=5 tests/real || outcome=1
exit "$outcome"
