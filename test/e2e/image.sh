#!/usr/bin/env bash
# Builds the Dockerfile and runs its image as uid 10001, without a Docker engine: buildah with chroot isolation.
# The official base image is stood in for by Debian's minimal system and the Node this runs on. A lab server on
# loopback is mirrored by the running image, which is then asked for an object. Needs root, buildah, debootstrap, curl.
#   NODE=/path/to/node-26 test/e2e/image.sh        (about a minute and a half; the base image is kept and used again)
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
node=${NODE:-$(command -v node)}
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
base=docker.io/library/node:26-bookworm-slim
image=localhost/update-agent-relay:e2e
work=$(mktemp -d)
container='' lab='' relay=''

finish() {
  local code=$?
  set +e
  for pid in "$relay" "$lab"; do [ -n "$pid" ] && kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
  [ -n "$container" ] && buildah rm "$container" >/dev/null 2>&1
  [ $code = 0 ] || { echo '--- the relay said:'; tail -n 20 "$work/relay.log" 2>/dev/null; }
  rm -rf "$work"
  exit $code
}
trap finish EXIT

say() { printf '%s\n' "image: $*"; }

if ! buildah inspect --type image "$base" >/dev/null 2>&1; then
  say "making $base from Debian's packages and Node $("$node" --version)"
  debootstrap --variant=minbase --include=libatomic1,libstdc++6,ca-certificates bookworm "$work/base" >"$work/debootstrap.log" 2>&1 ||
    { tail -n 5 "$work/debootstrap.log"; exit 1; }
  install -m 0755 "$node" "$work/base/usr/local/bin/node"
  # The official image has npm too, and the Dockerfile's first stage calls it.
  npm_home=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  mkdir -p "$work/base/usr/local/lib/node_modules"
  cp -r "$npm_home" "$work/base/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/base/usr/local/bin/npm"
  # This machine's way to the npm registry: the certificates it trusts.
  certificates=/etc/ssl/certs/ca-certificates.crt
  mkdir -p "$work/base/usr/local/etc" "$work/base/etc/ssl/certs"
  cp "$certificates" "$work/base$certificates"
  echo "cafile=$certificates" >"$work/base/usr/local/etc/npmrc"
  scratch=$(buildah from scratch)
  buildah add -q "$scratch" "$work/base" / >/dev/null
  buildah config --cmd node "$scratch"
  buildah commit -q "$scratch" "$base" >/dev/null
  buildah rm "$scratch" >/dev/null
  rm -rf "$work/base"
fi

say 'building the Dockerfile'
buildah build --pull-never --format docker --quiet --tag "$image" "$root" >"$work/build.log" 2>&1 ||
  { tail -n 20 "$work/build.log"; exit 1; }
buildah inspect --type image --format '{{.Docker.Config.User}} {{.Docker.Config.Healthcheck}}' "$image" >"$work/config"
grep -q '^10001:10001 ' "$work/config"
grep -q 'healthcheck.mjs' "$work/config"

say 'starting the lab and the image'
"$node" "$root/test/e2e/lab.ts" >"$work/lab.log" &
lab=$!
for _ in $(seq 100); do [ -s "$work/lab.log" ] && break; sleep 0.1; done
read -r lab_url lab_path lab_sha <"$work/lab.log"

container=$(buildah from --pull-never "$image")
buildah run --user 10001:10001 \
  --env RELAY_SOURCES__OFFICE_SCAN_SERVER="$lab_url" \
  --env RELAY_AGENTS__HOST=127.0.0.1 --env RELAY_AGENTS__PORT=18080 --env RELAY_ADMIN__PORT=18081 \
  --env RELAY_STORAGE__MIN_FREE=16MiB \
  "$container" -- node --disable-proto=delete src/main.ts serve >"$work/relay.log" 2>&1 &
relay=$!
for _ in $(seq 300); do
  curl --silent --fail --output /dev/null http://127.0.0.1:18081/readyz && break
  kill -0 "$relay"
  sleep 0.1
done

say "asking it for $lab_path"
curl --silent --show-error --fail --output "$work/object" "http://127.0.0.1:18080/activeupdate/$lab_path"
echo "$lab_sha  $work/object" | sha256sum --check --quiet
say 'asking its health check, as Docker would'
buildah run --user 10001:10001 --env RELAY_ADMIN__PORT=18081 "$container" -- node docker/healthcheck.mjs
uid=$(ps -o uid= -p "$(pgrep -f 'src/main.ts serve' | tail -n 1)" | tr -d ' ')
[ "$uid" = 10001 ] || { say "it runs as uid $uid"; exit 1; }
size=$(du -sm "$(buildah mount "$container")/app" | cut -f 1)
say "ok: built, ran as uid $uid, served $lab_path byte for byte; /app has $size MB"
