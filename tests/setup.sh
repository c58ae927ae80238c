#!/usr/bin/env bash
# Installs what the tests need and what is not there yet: Debian packages (only as root or with a
# sudo that asks nothing), npm packages from their locks, Python packages into .venv.
set -euo pipefail
cd "$(dirname "$0")/.."

missing() {
    echo "The tests need $1." >&2
    exit 1
}

command -v cargo >/dev/null || missing 'Rust: https://rustup.rs'
command -v cc >/dev/null || missing 'a C compiler (Debian: build-essential)'
command -v make >/dev/null || missing 'make (Debian: build-essential)'
command -v c++ >/dev/null || missing 'a C++ compiler (Debian: build-essential)'
command -v node >/dev/null || missing 'Node 20.19 or newer: https://nodejs.org'
command -v python3 >/dev/null || missing 'Python 3.10 or newer (Debian: python3)'
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || missing 'Python 3.10 or newer'
node -e 'const [a, b] = process.versions.node.split(".").map(Number);
    process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' || missing 'Node 20.19 or newer'

packages=()
command -v strace >/dev/null || packages+=(strace)
command -v shellcheck >/dev/null || packages+=(shellcheck)
python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
command -v chromium >/dev/null || command -v chromium-browser >/dev/null ||
    [ -n "${CHROMIUM:-}" ] || packages+=(chromium)
# Chinese text in the dashboard is empty boxes without a font that has it.
{ command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh family)" ]; } ||
    packages+=(fonts-noto-cjk fontconfig)

# The languages of the guide's snippets, and a broker. Their tests are skipped where nobody may
# install them.
languages=()
command -v curl >/dev/null || languages+=(curl)
command -v go >/dev/null || languages+=(golang-go)
command -v javac >/dev/null || languages+=(default-jdk-headless)
command -v php >/dev/null || languages+=(php-cli)
ruby -e 'require "rack"; require "webrick"' 2>/dev/null ||
    languages+=(ruby ruby-rack ruby-webrick)
[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || languages+=(rabbitmq-server)
# Between the queues of the Python client's tests and their workers.
command -v redis-server >/dev/null || languages+=(redis-server)
if [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; then
    packages+=("${languages[@]}")
elif [ "${#languages[@]}" -gt 0 ]; then
    echo "What needs these packages is not tested: ${languages[*]}"
fi

if [ "${#packages[@]}" -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || missing "these packages: ${packages[*]}"
        as_root=(sudo -n)
    fi
    command -v apt-get >/dev/null || missing "these packages: ${packages[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

# Installs from a lock only when the lock has changed since.
npm_parts() {
    local stamp=$1/node_modules/.installed
    if ! cmp -s "$1/package-lock.json" "$stamp"; then
        (cd "$1" && npm ci --no-audit --no-fund)
        cp "$1/package-lock.json" "$stamp"
    fi
}
npm_parts web
npm_parts tests/browser
npm_parts tests/snippets
npm_parts clients/js
npm_parts clients/js/tests/nest10
npm_parts clients/js/tests/nest12
npm_parts clients/js/tests/libraries

pins=$(cat tests/python/requirements.txt tests/python/constraints.txt)
if [ "$pins" != "$(cat .venv/.installed 2>/dev/null)" ]; then
    rm -rf .venv
    python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check -r tests/python/requirements.txt
    printf "%s" "$pins" >.venv/.installed
fi

clients/python/tests/setup.sh
