#!/usr/bin/env bash
# Drills with tools of others: a relay on loopback, and programs that are made to find what is wrong with servers. Prints a
# table, a line a drill: `DRILL | RESULT | WHAT CAME OF IT`; ends with 1 where one failed. A tool that is not installed is
# installed from Debian where this may be done (root, apt-get, and INSTALL=1), else its drill is skipped by name.
#   test/e2e/outside.sh                 some two minutes
#   SECONDS_EACH=5 test/e2e/outside.sh  the short form of CI
set -euo pipefail
# What somebody set for tests is no configuration of this relay, which refuses a variable it does not know.
unset "${!RELAY_@}"

root=$(cd "$(dirname "$0")/../.." && pwd)
node=${NODE:-$(command -v node)}
each=${SECONDS_EACH:-60}
work=$(mktemp -d)
processes=()

# Debian's packages, by the program they bring.
declare -A package=([slowhttptest]=slowhttptest [nmap]=nmap [aria2c]=aria2 [testssl]=testssl.sh [curl]=curl [openssl]=openssl)

finish() {
  local code=$?
  set +e
  for process in "${processes[@]}"; do kill -KILL "$process" 2>/dev/null; wait "$process" 2>/dev/null; done
  [ $code = 0 ] || tail -q -n 3 "$work"/*.log | cut -c 1-300 >&2
  rm -rf "$work"
  exit $code
}
trap finish EXIT

row() { printf '%s | %s | %s\n' "$1" "$2" "$3" | tee -a "$work/rows"; }

# Whether program $1 is here, or can be had.
have() {
  command -v "$1" >/dev/null && return
  [ "${INSTALL:-0}" = 1 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${package[$1]}" >/dev/null 2>&1
  command -v "$1" >/dev/null
}

# Starts the relay with the variables $2… and the log $1; sets $relay, $agents and $admin.
start_relay() {
  local log=$1
  shift
  : >"$log"
  env --chdir="$work" RELAY_SOURCES__OFFICE_SCAN_SERVER="$source" RELAY_SOURCES__UPDATE_AGENTS_ONLY_FROM_SERVER=true \
    RELAY_STORAGE__PATH="$work/store" RELAY_STORAGE__MIN_FREE=0B RELAY_AGENTS__HOST=127.0.0.1 \
    RELAY_AGENTS__PORT=0 RELAY_ADMIN__PORT=0 RELAY_ALLOW_ROOT=1 RELAY_MIRROR__PREFETCH__FULL_PATTERNS_UP_TO=1GiB "$@" \
    "$node" --disable-proto=delete "$root/src/main.ts" serve >"$log" 2>&1 &
  relay=$!
  processes+=("$relay")
  for _ in $(seq 1200); do
    read -r agents admin < <(sed -n 's/.*"agents":"\([^"]*\)","admin":"\([^"]*\)".*/\1 \2/p' "$log") || true
    [ -n "${admin:-}" ] && curl --silent --fail --max-time 5 --output /dev/null "$admin/readyz" && return
    kill -0 "$relay" 2>/dev/null || break
    sleep 0.1
  done
  echo "the relay did not become ready" >&2
  exit 1
}

# One GET by another host's address than the attacker's: the status, and how long it took in ms.
probe() { curl --silent --interface 127.0.0.77 --max-time 20 --output /dev/null --write-out '%{http_code} %{time_total}' "$agents/activeupdate/server.ini" || true; }

"$node" "$root/test/e2e/lab.ts" 0.25 >"$work/lab.log" &
processes+=("$!")
# A busy machine may take its time to make what it serves.
for _ in $(seq 1200); do kill -0 "${processes[0]}" 2>/dev/null || break; [ -s "$work/lab.log" ] && break; sleep 0.1; done
read -r source path sha256 size <"$work/lab.log"
start_relay "$work/relay.log"
object=$agents/activeupdate/$path

# --- slowhttptest: four ways to hold connections, all at once; meanwhile another host is served.
# $1: its name; $2: seconds at the most, for it ends when all its connections are closed; $3: how many may be open then.
slow_drill() {
  local name=$1 seconds=$2 places=$3 file ended closed pending connected open
  file=$work/slow-${1%% *}
  shift 3
  # It exits with 0 also where nobody listens: what came of it is in its last words, and in the last row of its table.
  slowhttptest "$@" -c 300 -r 100 -l "$seconds" -i 2 -p 5 -v 1 -g -o "$file" >"$file.log" 2>&1 || true
  ended=$(sed -n 's/\x1b\[[0-9;]*m//g; s/^Exit status: *//p' "$file.log")
  IFS=, read -r _ closed pending connected _ < <(tail -n 1 "$file.csv" 2>/dev/null) || true
  open=$((${pending:-0} + ${connected:-0}))
  case $ended in
    # The row is of the second before.
    'No open connections left') row "slowhttptest, $name" passed '300 connections, all of them closed' ;;
    'Hit test time limit')
      if [ $((${closed:-0} + ${connected:-0})) = 0 ]; then row "slowhttptest, $name" FAILED 'it never connected'
      elif [ "$open" -gt "$places" ]; then row "slowhttptest, $name" FAILED "$open of 300 connections are open after $seconds s, and $places may be"
      else row "slowhttptest, $name" passed "300 connections, $closed of them closed and $open open after $seconds s"; fi ;;
    *) row "slowhttptest, $name" FAILED "it did not come to its end: ${ended:-it said nothing}" ;;
  esac
}
slow_drills() {
  local attacks=() asked=0 worst=0 status time timed
  # A request's fields have 10 s, and it is looked at each 5 s (src/delivery/listener-options.ts).
  timed=$((each > 30 ? each : 30))
  slow_drill 'headers (Slowloris)' "$timed" 0 -H -u "$object" & attacks+=("$!")
  slow_drill 'body' "$timed" 0 -B -t POST -s 8192 -u "$object" & attacks+=("$!")
  slow_drill 'ranges (Apache killer)' "$timed" 0 -R -a 5 -b 4000 -t HEAD -u "$object" & attacks+=("$!")
  # It does not read, so it does not see the end of a connection that is cut: an address has 16 places (agents.limits).
  slow_drill 'read' "$each" 16 -X -w 512 -y 1024 -n 5 -z 32 -k 3 -u "$object" & attacks+=("$!")
  processes+=("${attacks[@]}")
  while kill -0 "${attacks[@]}" 2>/dev/null; do
    read -r status time < <(probe; echo)
    time=$(awk "BEGIN {print int($time * 1000)}")
    asked=$((asked + 1))
    [ "$time" -le "$worst" ] || worst=$time
    [ "$status" = 200 ] || { row 'another host meanwhile' FAILED "got $status after $time ms"; break; }
    sleep 0.5
  done
  wait "${attacks[@]}" || true
  [ "$status" != 200 ] || row 'another host meanwhile' passed "served each of $asked times, within $worst ms"
}
if have slowhttptest; then slow_drills; else row slowhttptest skipped 'slowhttptest is not installed'; fi

# --- nmap: what its scripts for web servers find, but for those that guess passwords, flood, or ask third parties.
if have nmap; then
  port=${agents##*:}
  # It has to find out first that this is a web server.
  nmap -Pn -n -sV --version-intensity 3 -p "$port" --script-timeout "$((each * 4))s" --script-args 'http.useragent=drill' \
    --script '(http-* and not (brute or dos or external or fuzzer or malware)) or http-slowloris-check' 127.0.0.1 >"$work/nmap.log" 2>&1 || true
  found=$(grep -iE 'VULNERABLE|TRACE is enabled|open proxy|POTENTIALLY OPEN|Directory traversal|root:|webshell|backdoor' "$work/nmap.log" | grep -viE 'NOT VULNERABLE' || true)
  scripts=$(grep -c '^|' "$work/nmap.log" || true)
  if ! grep -q "^$port/tcp open" "$work/nmap.log"; then row 'nmap http scripts' FAILED 'the port was not seen open'
  elif [ -n "$found" ]; then row 'nmap http scripts' FAILED "$(echo "$found" | head -n 3 | tr '\n' ' ')"
  else row 'nmap http scripts' passed "nothing found; $scripts lines of what it saw"; fi
else
  row 'nmap http scripts' skipped 'nmap is not installed'
fi

# --- aria2: sixteen connections for one object.
if have aria2c; then
  aria2c --quiet --dir "$work" --out object --max-connection-per-server=16 --split=16 --min-split-size=1M --retry-wait=1 "$object" >"$work/aria2.log" 2>&1 || true
  if echo "$sha256  $work/object" | sha256sum --check --quiet 2>/dev/null; then row 'aria2 with 16 connections' passed "$size bytes, and their SHA-256 is right"
  else row 'aria2 with 16 connections' FAILED "the object is not what it should be"; fi
else
  row 'aria2 with 16 connections' skipped 'aria2c is not installed'
fi

# --- curl: its odd options, and what has to come of each.
curl_drill() {
  local expected=$1 got
  shift
  got=$(curl --silent --max-time 10 --output "$work/body" --write-out '%{http_code}' "$@" 2>/dev/null) || true
  tried=$((tried + 1))
  [[ " $expected " == *" $got "* ]] || wrong+="[$* is $got, expected $expected] "
}
tried=0 wrong=
curl_drill 200 --http0.9 "$object"
curl_drill 200 --http1.0 "$object"
# Upgrade is refused; prior knowledge is no HTTP/1 at all.
curl_drill '400 200' --http2 "$object"
curl_drill '000' --http2-prior-knowledge "$object"
curl_drill 400 --path-as-is "$agents/activeupdate/../../../etc/passwd"
curl_drill 400 --request-target "http://127.0.0.1:1/" "$agents/"
curl_drill 400 --request-target '*' "$agents/"
curl_drill 400 --proxy "$agents" http://127.0.0.1:1/secret
curl_drill '000 400' --proxy "$agents" --proxytunnel http://127.0.0.1:1/secret
curl_drill '000' --socks5 "${agents#http://}" http://127.0.0.1:1/secret
curl_drill '000 400' --haproxy-protocol "$object"
curl_drill 400 --header 'Host;' "$object"
curl_drill 400 --header 'Host:' "$object"
curl_drill 400 --request GET --data x "$object"
curl_drill 405 --data x "$object"
curl_drill 405 --upload-file "$0" "$object"
curl_drill 405 --form "file=@$0" "$object"
curl_drill 405 --request DELETE "$object"
curl_drill '400 405' --request 'get' "$object"
curl_drill 400 --header 'Transfer-Encoding: chunked' --request GET --data x "$object"
curl_drill '400 405' --header 'Expect: 100-continue' --data x "$object"
curl_drill 200 --compressed "$object"
curl_drill 200 --tr-encoding "$object"
curl_drill 206 --range 0-0 "$object"
curl_drill 206 --range 0-0,5-9,-1 "$object"
curl_drill 416 --range "$size-" "$object"
curl_drill 200 --range "$(for at in $(seq 0 2 400); do printf '%s-%s,' "$at" "$at"; done)" "$object"
curl_drill 200 --header 'Range: bytes=-' "$object"
curl_drill 206 --continue-at 1000 "$object"
curl_drill 200 --time-cond 'Thu, 01 Jan 2037 00:00:00 GMT' "$object"
curl_drill 304 --header "If-None-Match: \"$sha256\"" "$object"
curl_drill 412 --header 'If-Match: "other"' "$object"
curl_drill 200 --head "$object"
curl_drill 200 --globoff "$object?[1-9]{a,b}"
curl_drill 414 "$agents/$(printf 'a%.0s' $(seq 3000))"
curl_drill '431 400' --header "X: $(printf 'a%.0s' $(seq 9000))" "$object"
curl_drill 404 --user 'admin:admin' "$agents/api/v1/status"
curl_drill 200 --referer 'http://evil.example/' --user-agent 'Mozilla/4.0 (compatible;MSIE 5.0; Windows 98)' --cookie 'a=b' "$object"
curl_drill 400 --user-agent "$(printf '\033[2J')" "$object"
curl_drill 200 --no-keepalive --tcp-nodelay --limit-rate 50M "$object"
if [ -z "$wrong" ]; then row "curl's odd options" passed "$tried of them, each as it should be"; else row "curl's odd options" FAILED "$wrong"; fi

# --- And after all that the relay is as it was.
bugs=$(grep -c 'error.internal' "$work/relay.log" || true)
if ! kill -0 "$relay" 2>/dev/null; then row 'the relay after it all' FAILED 'it is gone'
elif [ "$bugs" != 0 ]; then row 'the relay after it all' FAILED "it told of $bugs bugs: $(grep -m 1 'error.internal' "$work/relay.log")"
else
  kill -TERM "$relay"
  if wait "$relay"; then row 'the relay after it all' passed 'answers, told of no bug, and ended with 0 when asked'; else row 'the relay after it all' FAILED "it ended with $?"; fi
fi

# --- testssl.sh, where the relay speaks TLS to agents.
tls_drill() {
  have testssl && have openssl || { row testssl.sh skipped 'testssl or openssl is not installed'; return; }
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
  local variables=(RELAY_AGENTS__TLS__CERT="$work/cert.pem" RELAY_AGENTS__TLS__KEY="$work/key.pem")
  env --chdir="$work" RELAY_SOURCES__OFFICE_SCAN_SERVER="$source" "${variables[@]}" "$node" "$root/src/main.ts" check-config >/dev/null 2>&1 ||
    { row testssl.sh skipped 'this relay has no TLS for agents'; return; }
  start_relay "$work/tls.log" "${variables[@]}"
  # Not what it says of the certificate: that nobody signed it is the drill's own doing. Ciphers and known attacks take minutes.
  local checks=(--protocols) serious
  [ "$each" -lt 30 ] || checks+=(--std --pfs --vulnerable)
  timeout 600 testssl --quiet --color 0 --warnings off "${checks[@]}" --ip one --jsonfile "$work/tls.json" "${agents#https://}" >"$work/testssl.log" 2>&1 || true
  serious=$(grep -B 4 -E '"severity" *: *"(HIGH|CRITICAL|MEDIUM)"' "$work/tls.json" | sed -n 's/.*"id" *: *"\([^"]*\)".*/\1/p' | sort -u | tr '\n' ' ') || true
  if [ ! -s "$work/tls.json" ]; then row testssl.sh FAILED 'it gave no findings at all'
  elif [ -n "$serious" ]; then row testssl.sh FAILED "$serious"
  else row testssl.sh passed "$(grep -c '"id"' "$work/tls.json") findings, none of them medium or worse"; fi
  kill -TERM "$relay"
  wait "$relay" || true
}
tls_drill
! grep -q '| FAILED |' "$work/rows"
