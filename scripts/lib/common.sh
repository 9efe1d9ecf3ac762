# Shared by the scripts: where things are, steps with their time, a node and a worker that are always stopped.
# shellcheck shell=bash

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$HOME/.cache/opengpu/target}
export OGPU_MODELS_DIR=${OGPU_MODELS_DIR:-$HOME/.cache/opengpu/models}
export CARGO_TERM_PROGRESS_WHEN=${CARGO_TERM_PROGRESS_WHEN:-auto}
cd "$ROOT"
CARGO_TARGET_DIR=$(realpath -m "$CARGO_TARGET_DIR")
BIN=$CARGO_TARGET_DIR/release

say() { printf '\n\033[1m== %s\033[0m\n' "$*" >&2; }
fail() {
    printf '\nFAILED: %s\n' "$*" >&2
    exit 1
}

# step "what it does" command…: says what runs and how long it took.
step() {
    local what=$1 start=$SECONDS
    shift
    say "$what"
    "$@" || fail "$what (command: $*)"
    printf -- '-- %s: %d s\n' "$what" $((SECONDS - start)) >&2
}

# built: the programs are there.
built() {
    local program
    for program in ogpu ogpu-node ogpu-worker; do
        [ -x "$BIN/$program" ] ||
            fail "$BIN/$program is missing: CARGO_TARGET_DIR=$CARGO_TARGET_DIR cargo build --release --locked"
    done
}

# free_port: a TCP port that nobody listens on.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# wait_for SECONDS "what" command…: polls until the command succeeds.
wait_for() {
    local limit=$1 what=$2 start=$SECONDS
    shift 2
    until "$@" >/dev/null 2>&1; do
        ((SECONDS - start < limit)) || return 1
        sleep 0.5
    done
    printf -- '-- %s after %d s\n' "$what" $((SECONDS - start)) >&2
}

# rpc URL METHOD [PARAMS]: one JSON-RPC request over HTTP, prints the result.
rpc() {
    python3 - "$@" <<'PY'
import json, sys, urllib.request
url, method = sys.argv[1], sys.argv[2]
params = json.loads(sys.argv[3]) if len(sys.argv) > 3 else []
body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
answer = json.load(urllib.request.urlopen(request, timeout=10))
if "error" in answer:
    sys.exit(f"{method}: {answer['error']}")
print(json.dumps(answer["result"]))
PY
}

# finalized URL: height of the finalised head.
finalized() {
    local head
    head=$(rpc "$1" chain_getFinalizedHead) || return 1
    rpc "$1" chain_getHeader "[$head]" | python3 -c 'import json,sys; print(int(json.load(sys.stdin)["number"], 16))'
}

# finalizes URL HEIGHT: true when the chain has finalised that height.
finalizes() {
    local height
    height=$(finalized "$1") || return 1
    ((height >= $2))
}

STARTED_PIDS=()
stop_started() {
    local pid
    for pid in "${STARTED_PIDS[@]}"; do
        # Not one that has ended: its number may be another process's by now.
        [ "$(ps -o ppid= -p "$pid" | tr -d ' ')" = $$ ] && kill "$pid" 2>/dev/null || true
    done
    for pid in "${STARTED_PIDS[@]}"; do wait "$pid" 2>/dev/null || true; done
    STARTED_PIDS=()
}

# keep_logs, as the trap at the end: stops what was started; $dir goes away unless something failed.
keep_logs() {
    local status=$?
    stop_started
    if [ "$status" = 0 ]; then rm -rf "$dir"; else printf 'logs are kept in %s\n' "$dir" >&2; fi
}

# start_node LOG ARGUMENTS…: runs ogpu-node in the background; its pid is in NODE_PID.
start_node() {
    local log=$1
    shift
    "$BIN/ogpu-node" "$@" >"$log" 2>&1 &
    NODE_PID=$!
    STARTED_PIDS+=("$NODE_PID")
}
