#!/usr/bin/env bash
# Checks a release file: static, stripped, at most 16.5 MB, alive in an empty folder as its root,
# and looking names up without the modules of the machine's name service.
set -euo pipefail

binary=$1
bytes_max=16500000
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
    --allow-host errors.test >"$scratch/said" 2>&1 &
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

# The modules belong to another C library than the one inside the file.
mkdir "$jail/etc"
echo 'hosts: mymachines mdns4_minimal resolve myhostname' >"$jail/etc/nsswitch.conf"
echo '127.0.0.1 errors.test' >"$jail/etc/hosts"
echo 'nameserver 127.0.0.1' >"$jail/etc/resolv.conf"
send() {
    strace -f -qq -e trace=open,openat,connect -o "$scratch/calls-$1" \
        "${chroot[@]}" "$jail" /log-center report --url "http://$1:$port" --wait 5 \
        --project names "looked up" >"$scratch/said-$1" 2>&1
}
send errors.test || { cat "$scratch/said-errors.test" >&2; fail 'does not read /etc/hosts'; }
if send nowhere.test; then fail 'sent a report to a name that nobody knows'; fi
grep -q 'is not known' "$scratch/said-nowhere.test" || fail 'does not say that a name is not known'
grep -q 'sin_port=htons(53)' "$scratch/calls-nowhere.test" || fail 'asks no name server'
if grep 'libnss_' "$scratch"/calls-*; then fail 'loads modules of the name service'; fi

kill -TERM "$server"
wait "$server" || fail "ended with $? when asked to stop"
server=
echo "$binary: static, stripped, $bytes bytes, alive in an empty folder, knows names by itself"
