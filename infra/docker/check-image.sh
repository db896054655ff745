#!/usr/bin/env bash
# Builds infra/docker/Dockerfile without a container engine, and runs the image once: for machines where no container
# can be started otherwise. As root on Debian; needs about 2 GB of disk below $TMPDIR and some minutes.
#
# The base image cannot be pulled there, so one is made of Debian's packages and the pinned Node, and is given the name
# that the Dockerfile's FROM expects.
set -euo pipefail
cd "$(dirname "$0")/../.."

base=docker.io/library/node:26.10.0-bookworm-slim
image=localhost/vigil:check
certificates=/etc/ssl/certs/ca-certificates.crt
work=$(mktemp -d)
export STORAGE_DRIVER=vfs
storage=(--root "$work/storage" --runroot "$work/run" --storage-driver vfs)
trap 'rm -rf "$work"' EXIT

say() { printf '%s check-image: %s\n' "$(date +%T)" "$*" >&2; }
need() { command -v "$1" >/dev/null || { say "installing $1"; apt-get update -q >/dev/null; apt-get install -y -q --no-install-recommends "$1" >/dev/null; }; }

need buildah
need debootstrap

say 'making a base image of Debian bookworm and the pinned Node'
debootstrap --variant=minbase --include=ca-certificates,libatomic1 bookworm "$work/base" >"$work/debootstrap.log" || { tail "$work/debootstrap.log"; exit 1; }
install -m 755 node_modules/node-linux-*/bin/node "$work/base/usr/local/bin/node"
mkdir -p "$work/base/usr/local/lib/node_modules"
cp -r "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" "$work/base/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/base/usr/local/bin/npm"
cp "$certificates" "$work/base$certificates"
chroot "$work/base" useradd --create-home --uid 1000 --shell /bin/bash node
container=$(buildah "${storage[@]}" from scratch)
buildah "${storage[@]}" add --quiet "$container" "$work/base" / >/dev/null
# Names are looked up by the machine's own means: its registry and certificates are no part of the image of a release.
buildah "${storage[@]}" config --env "NODE_EXTRA_CA_CERTS=$certificates" --env "npm_config_registry=$(npm config get registry 2>/dev/null)" "$container"
buildah "${storage[@]}" commit --quiet "$container" "$base" >/dev/null
buildah "${storage[@]}" rm "$container" >/dev/null
rm -rf "$work/base"

say 'building the image'
buildah "${storage[@]}" bud --isolation chroot --pull=never --file infra/docker/Dockerfile --tag "$image" . >"$work/build.log" 2>&1 || { tail -40 "$work/build.log"; exit 1; }

say 'running it'
container=$(buildah "${storage[@]}" from --pull=never "$image")
run() { buildah "${storage[@]}" run --isolation chroot "$container" -- "$@"; }
user=$(run id -un)
[ "$user" = node ] || { say "runs as $user, not as node"; exit 1; }
run node --version
run node packages/cli/bin/vigil.js --version
# A service without settings must say which, and exit with 78.
for service in device-ingest vitals-windowing claims-validator deidentifier alert-router orchestrator warehouse-loader; do
  code=0
  arguments=()
  [ "$service" = warehouse-loader ] && arguments=(--target lake)
  run node "services/$service/src/main.ts" "${arguments[@]}" >"$work/$service.log" 2>&1 || code=$?
  [ "$code" = 78 ] || { say "$service ended with $code instead of 78:"; cat "$work/$service.log"; exit 1; }
done
size=$(buildah "${storage[@]}" images --format '{{.Size}}' "$image")
say "done: the image builds, runs as $user, every service starts; $size"
