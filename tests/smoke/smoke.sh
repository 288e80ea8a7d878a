#!/usr/bin/env bash
# Starts Gatehouse as a user would, with the Deno named by the first argument, and asks it for its
# health, a page and a wrong path. Prints one line.
set -euo pipefail
cd "$(dirname "$0")/../.."
deno=${1:-deno}
log=$(mktemp)
started=$(date +%s%N)
# In a group of its own, as npx starts Deno in a process of its own and does not end it.
PORT=0 KV_PATH=:memory: setsid $deno run -A main.ts >"$log" 2>&1 &
pid=$!
trap 'kill -KILL -- -$pid 2>/dev/null || true; rm -f "$log"' EXIT

for _ in $(seq 100); do
  url=$(grep -o '"url":"[^"]*"' "$log" | cut -d'"' -f4 || true)
  [ -n "$url" ] && break
  kill -0 $pid 2>/dev/null || { cat "$log"; echo "smoke: it ended before it served" >&2; exit 1; }
  sleep 0.2
done
[ -n "${url:-}" ] || { cat "$log"; echo "smoke: nothing was served in 20 s" >&2; exit 1; }
took=$((($(date +%s%N) - started) / 1000000))

expect() {
  local status
  status=$(curl -s -o /dev/null -w '%{http_code}' "$url$2")
  [ "$status" = "$1" ] || { echo "smoke: $2 answered $status, not $1" >&2; exit 1; }
}
expect 200 /healthz
expect 200 /us/products
expect 404 /api/v1/nothing-here
curl -sI "$url/us/products" | grep -qi '^ratelimit-policy:' || { echo "smoke: no limits" >&2; exit 1; }
kill -TERM -- -$pid
for _ in $(seq 60); do kill -0 -- -$pid 2>/dev/null || break; sleep 0.1; done
! kill -0 -- -$pid 2>/dev/null || { echo "smoke: it did not stop within 6 s" >&2; exit 1; }
echo "1 passed, 0 failed (smoke on $($deno --version | head -1 | cut -d' ' -f1-2), served after $took ms)"
