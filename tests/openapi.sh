#!/usr/bin/env bash
# Prints the OpenAPI document of a program, indented.
set -euo pipefail

binary=$1
scratch=$(mktemp -d)
"$binary" serve --data "$scratch/data" --listen 127.0.0.1:0 >"$scratch/said" 2>&1 &
server=$!
trap 'kill "$server"; wait "$server" || true; rm -rf "$scratch"' EXIT

url=
for _ in $(seq 200); do
    url=$(grep -oEm1 '127\.0\.0\.1:[0-9]+' "$scratch/said" || true)
    [ -z "$url" ] || break
    sleep 0.05
done
python3 - "$url" <<'PY'
import json, sys, urllib.request
with urllib.request.urlopen(f"http://{sys.argv[1]}/openapi.json", timeout=10) as answer:
    print(json.dumps(json.load(answer), indent=2, ensure_ascii=False, sort_keys=True))
PY
