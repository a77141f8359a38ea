#!/usr/bin/env bash
# Builds the Dockerfile and runs its image, without a Docker engine: buildah with chroot isolation. A lab server on
# loopback is mirrored by the running image, which is then asked for an object. Needs root, buildah, debootstrap, curl,
# a Debian mirror and an npm registry; ends with 77 where the system or the network refuses.
#   NODE=/path/to/node-26 test/e2e/image.sh        (a minute; the first time two)
#
# Proven: the Dockerfile builds; its ENTRYPOINT and CMD run as its USER, uid 10001, with no shell in the image; so does
# its HEALTHCHECK; SIGTERM ends it with 0; it needs nothing writable but its volume, and no privileges to gain.
# Not proven: the official base image, for which Debian's minimal system and this Node stand in; and what a Docker
# engine makes of HEALTHCHECK's times, of STOPSIGNAL and of compose.yaml.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
node=${NODE:-$(command -v node)}
base=docker.io/library/node:26-bookworm-slim
mirror=http://deb.debian.org/debian
image=localhost/update-agent-relay:e2e-$$
work=$(mktemp -d)
# The stand-in has the official image's name, so it stays in a storage of its own. It is kept and used again: making it
# takes longer than all the rest. Nothing else stays here.
storage=${XDG_CACHE_HOME:-$HOME/.cache}/update-agent-relay/e2e-images
builder=(buildah --storage-driver vfs --root "$storage/root" --runroot "$storage/run")
export BUILDAH_ISOLATION=chroot
containers=() processes=()

say() { printf 'image: %s\n' "$*"; }
die() { say "$*"; exit 1; }
skip() { say "skipped: $*"; exit 77; }

finish() {
  local code=$?
  set +e
  for process in "${processes[@]}"; do
    kill -KILL $(descendants "$process") "$process" 2>/dev/null
    wait "$process" 2>/dev/null
  done
  [ ${#containers[@]} = 0 ] || "${builder[@]}" rm "${containers[@]}" >/dev/null 2>&1
  "${builder[@]}" rmi "$image" >/dev/null 2>&1
  [ $code = 0 ] || [ $code = 77 ] || for log in "$work"/*.log; do echo "--- the end of $(basename "$log"):"; tail -n 20 "$log"; done
  rm -rf "$work"
  exit $code
}
trap finish EXIT

# All processes below $1, children first.
descendants() {
  local child
  for child in $(pgrep -P "$1"); do descendants "$child"; echo "$child"; done
}

make_base() {
  say "making a stand-in for $base from Debian's packages and Node $("$node" --version)"
  local system=$work/base certificates=/etc/ssl/certs/ca-certificates.crt npm scratch
  curl --silent --fail --head --max-time 10 --output /dev/null "$mirror/dists/bookworm/Release" || skip "no way to $mirror"
  debootstrap --variant=minbase --include=libatomic1,libstdc++6,ca-certificates bookworm "$system" "$mirror" >"$work/debootstrap.log" 2>&1
  install -m 0755 "$node" "$system/usr/local/bin/node"
  # The official image has npm too, and the Dockerfile's first stage calls it.
  npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  mkdir -p "$system/usr/local/lib/node_modules" "$system/usr/local/etc" "$system/etc/ssl/certs"
  cp -r "$npm" "$system/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$system/usr/local/bin/npm"
  # This machine's way to the npm registry: the certificates it trusts.
  cp "$certificates" "$system$certificates"
  echo "cafile=$certificates" >"$system/usr/local/etc/npmrc"
  scratch=$("${builder[@]}" from scratch)
  containers+=("$scratch")
  "${builder[@]}" add -q "$scratch" "$system" / >/dev/null
  "${builder[@]}" commit -q "$scratch" "$base" >/dev/null
  rm -rf "$system"
}

# What the image says of itself, one item a line: declared '{{range .Docker.Config.Cmd}}{{println .}}{{end}}'
declared() { "${builder[@]}" inspect --type image --format "$1" "$image" | grep .; }

# Waits for the relay of process $1 with the log $2 to be ready; sets $agents and $admin to its URLs.
await_ready() {
  local attempt
  for attempt in $(seq 300); do
    read -r agents admin < <(sed -n 's/.*"agents":"\([^"]*\)","admin":"\([^"]*\)".*/\1 \2/p' "$2") || true
    [ -n "${admin:-}" ] && curl --silent --fail --output /dev/null "$admin/readyz" && return
    kill -0 "$1" 2>/dev/null || die 'the relay has ended'
    sleep 0.1
  done
  die 'the relay is not ready after 30 s'
}

# Asks the relay for the lab's object, and compares.
check_object() {
  curl --silent --show-error --fail --output "$work/object" "$agents/activeupdate/$lab_path"
  echo "$lab_sha  $work/object" | sha256sum --check --quiet
}

# Ends the relay of process $1 as `docker stop` does, and wants the code 0.
stop() {
  local relay
  relay=$(descendants "$1" | sed -n 1p)
  kill -TERM "${relay:-$1}"
  wait "$1" || die "it ended with code $?"
}

unshare --mount true 2>/dev/null || skip 'the system refuses mounts of our own'
npm ping >/dev/null 2>&1 || skip 'no way to an npm registry'
"${builder[@]}" inspect --type image "$base" >/dev/null 2>&1 || make_base

say 'building the Dockerfile'
"${builder[@]}" build --pull-never --format docker --quiet --tag "$image" "$root" >"$work/build.log" 2>&1
mapfile -t command < <(declared '{{range .Docker.Config.Entrypoint}}{{println .}}{{end}}{{range .Docker.Config.Cmd}}{{println .}}{{end}}')
mapfile -t environment < <(declared '{{range .Docker.Config.Env}}{{println .}}{{end}}')
mapfile -t healthcheck < <(declared '{{range .Docker.Config.Healthcheck.Test}}{{println .}}{{end}}')
[ "$(declared '{{.Docker.Config.User}}')" = 10001:10001 ] || die 'its USER is not 10001:10001'
[ "${healthcheck[0]}" = CMD ] || die "its HEALTHCHECK is ${healthcheck[*]}: only the form CMD needs no shell"

say 'starting the lab, and the image without a shell'
"$node" "$root/test/e2e/lab.ts" >"$work/lab.log" &
processes+=($!)
for _ in $(seq 100); do [ -s "$work/lab.log" ] && break; sleep 0.1; done
read -r lab_url lab_path lab_sha _ <"$work/lab.log"
settings=(RELAY_SOURCES__OFFICE_SCAN_SERVER="$lab_url" RELAY_SOURCES__UPDATE_AGENTS_ONLY_FROM_SERVER=true
  RELAY_STORAGE__MIN_FREE=16MiB
  RELAY_AGENTS__HOST=127.0.0.1 RELAY_AGENTS__PORT=0 RELAY_ADMIN__PORT=0)

container=$("${builder[@]}" from --pull-never "$image")
containers+=("$container")
files=$("${builder[@]}" mount "$container")
rm "$files"/bin/{sh,bash,dash}
volume=$work/volume
install -d -m 0700 -o 10001 -g 10001 "$volume"
"${builder[@]}" run --volume "$volume:/var/lib/relay" "${settings[@]/#/--env=}" "$container" -- "${command[@]}" >"$work/run.log" 2>&1 &
relay=$!
processes+=("$relay")
await_ready "$relay" "$work/run.log"
check_object
"${builder[@]}" run --env RELAY_ADMIN__PORT="${admin##*:}" "$container" -- "${healthcheck[@]:1}" || die 'its health check says no'
uid=$(ps -o uid= -p "$(descendants "$relay" | sed -n 1p)" | tr -d ' ')
[ "$uid" = 10001 ] || die "it runs as uid $uid"
stop "$relay"

say 'the same on a read-only file system, with its volume'
unshare --mount bash -euc '
  files=$1 volume=$2
  shift 2
  mount --bind "$files" "$files"
  mount -o remount,bind,ro "$files"
  mount --bind "$volume" "$files/var/lib/relay"
  mount --bind /dev "$files/dev"
  mount -t proc proc "$files/proc"
  exec "$@"
' - "$files" "$volume" env -i "${environment[@]}" "${settings[@]}" \
  setpriv --no-new-privs unshare --root "$files" --wd /app --setgid 10001 --setuid 10001 "${command[@]}" >"$work/read-only.log" 2>&1 &
relay=$!
processes+=("$relay")
await_ready "$relay" "$work/read-only.log"
check_object
stop "$relay"

say "ok: served $lab_path byte for byte, as uid $uid; /app has $(du -sm "$files/app" | cut -f 1) MB"
