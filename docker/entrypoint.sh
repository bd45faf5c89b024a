#!/bin/sh
# Makes the administrator's key at the first start, then becomes the gateway (exec: signals reach it, not a shell).
set -eu
if [ "${1:-}" = start ]; then
  node docker/first-start.ts /data/keys
fi
exec node src/app/main.ts "$@"
