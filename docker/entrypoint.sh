#!/bin/sh
# Becomes the gateway (exec: signals reach it, not a shell). The store's address may be a secret, given as a file; on a store of
# its own, the first start makes the administrator's key.
set -eu
if [ -n "${PASSERELLE_STORE_FILE:-}" ]; then
  PASSERELLE_STORE="$(cat "$PASSERELLE_STORE_FILE")"
  export PASSERELLE_STORE
elif [ "${1:-}" = start ] || [ "${1:-}" = supervise ]; then
  node docker/first-start.ts /data/keys
fi
exec node bin/passerelle.js "$@"
