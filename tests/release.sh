#!/usr/bin/env bash
# Checks a release file: static, stripped, at most 15 MB, and alive in an empty folder as its root.
set -euo pipefail

binary=$1
bytes_max=15000000
scratch=$(mktemp -d)
server=
cleanup() {
    if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi
    rm -rf "$scratch"
}
trap cleanup EXIT

fail() {
    echo "$binary: $1" >&2
    exit 1
}

if readelf --program-headers "$binary" | grep -q INTERP; then fail 'wants a dynamic loader'; fi
if readelf --dynamic "$binary" | grep -q NEEDED; then fail 'wants shared libraries'; fi
if readelf --sections "$binary" | grep -q '\.symtab'; then fail 'is not stripped'; fi
bytes=$(stat --format %s "$binary")
[ "$bytes" -le "$bytes_max" ] || fail "has $bytes bytes, $bytes_max at most"

# Nothing but the file: no /etc, /lib, /proc, /dev or /tmp.
jail=$scratch/jail
mkdir "$jail"
cp "$binary" "$jail/log-center"
chroot=(chroot)
[ "$(id -u)" -eq 0 ] || chroot=(unshare --map-root-user chroot)
"${chroot[@]}" "$jail" /log-center serve --data /data --listen 127.0.0.1:0 \
    >"$scratch/said" 2>&1 &
server=$!

port=
for _ in $(seq 100); do
    port=$(grep -oEm1 '127\.0\.0\.1:[0-9]+' "$scratch/said" | cut -d: -f2 || true)
    [ -z "$port" ] || break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.05
done
[ -n "$port" ] || { cat "$scratch/said" >&2; fail 'did not start in an empty folder'; }

# Bash itself can speak to a port, so that this needs no HTTP client.
ask() {
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf '%s' "$1" >&3
    cat <&3
    exec 3>&-
}
answer=$(ask $'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
case $answer in
    'HTTP/1.1 200'*) ;;
    *) fail "answered /healthz with: $answer" ;;
esac
ls "$jail"/data/*.db >/dev/null 2>&1 || fail 'kept no database'

kill -TERM "$server"
wait "$server" || fail "ended with $? when asked to stop"
server=
echo "$binary: static, stripped, $bytes bytes, alive in an empty folder"
