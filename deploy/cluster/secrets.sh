#!/bin/sh
# Makes the secrets of the cluster, once: random, in a folder that only its owner can enter. What is there is left alone.
# The files themselves are readable, because each container reads them under an account of its own.
set -eu
umask 077
folder="${1:-secrets}"
mkdir -p "$folder"
chmod 700 "$folder"
random() { openssl rand -hex 24; }
keep() {
  [ -s "$folder/$1" ] && return
  printf %s "$2" >"$folder/$1.new"
  chmod 644 "$folder/$1.new"
  mv "$folder/$1.new" "$folder/$1"
}
keep postgres-password "$(random)"
# In the clear between containers of one network on one machine, as all that they say to each other: the image of PostgreSQL has no certificate.
# Not kept: what follows from the others is always as it is made here.
rm -f "$folder/store-url"
keep store-url "postgres://passerelle:$(cat "$folder/postgres-password")@postgres:5432/passerelle?sslmode=disable"
keep admin-key "$(random)"
keep admin-key.sha256 "$(printf %s "$(cat "$folder/admin-key")" | openssl dgst -sha256 -r | cut -d' ' -f1)"
keep grafana-password "$(random)"
