#!/usr/bin/env bash
# Starts ./holdfast as a user does and sends it the calls of the README: what only the built program can get wrong.
set -euo pipefail

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
work=$(mktemp -d)
# Without a locale, as systemd, cron and containers start it, and with a name that is not ASCII.
data="$work/dätä"
env -u LC_ALL -u LC_CTYPE -u LANG ./holdfast serve --data-dir "$data" --http-port 0 --grpc-port 0 >"$work/out" 2>&1 </dev/null &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

fail() {
    echo "try-launcher: $1" >&2
    cat "$work/out" >&2
    exit 1
}

for _ in {1..1200}; do
    url=$(sed -n 's/.* serves \(http:[^ ]*\).*/\1/p' "$work/out")
    [ -n "$url" ] && break
    kill -0 "$server" 2>/dev/null || fail "it ended before it served"
    sleep 0.1
done
[ -n "$url" ] || fail "it did not serve within two minutes"

backups="$url/api/v1/backup"
created=$(curl -sf -X POST "$backups") || fail "no backup was made"
name=$(sed -n 's/.*"filename":"\([^"]*\)".*/\1/p' <<<"$created")
curl -sf "$backups" | grep -qF "$name" || fail "the backup is not listed"
curl -sf -X POST "$backups/$name/restore" | grep -qF "\"restored_from\":\"$name\"" || fail "it was not restored"
curl -sf "$backups/$name/download" -o "$work/backup.db" || fail "it was not downloaded"
[ "$(sqlite3 "$work/backup.db" 'PRAGMA integrity_check')" = ok ] || fail "the download is not whole"
curl -sf -X DELETE "$backups/$name" | grep -F '"deleted"' >/dev/null || fail "it was not deleted"
curl -sf "$url/health/readiness" >/dev/null || fail "it is not ready"
curl -sf "$url/openapi.yml" | grep '^openapi:' >/dev/null || fail "the API is not described"
curl -sf "$url/metrics" | grep '^holdfast_' >/dev/null || fail "there are no metrics"
LC_ALL=C ./holdfast user list --data-dir "$data" || fail "the users cannot be listed"
echo "try-launcher: the calls of the README work"
