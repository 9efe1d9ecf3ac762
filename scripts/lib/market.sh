# A market on a development chain: two models, one provider, one worker. Shared by demo, devnet and tests.
# shellcheck shell=bash

QUESTION_MODEL=smollm2-135m-instruct
EMBED_MODEL=all-minilm-l6-v2

# ogpu …: the user's command, on the chain at $WS, with its data in $DIR.
ogpu() { "$BIN/ogpu" --url "$WS" --data-dir "$DIR/client" --models-dir "$OGPU_MODELS_DIR" "$@"; }

# The provider's daemon has its data in $WORKER_DIR and its log beside it. `WORKER_DIR=… function` is another worker.
worker_dir() { echo "${WORKER_DIR:-$DIR/worker}"; }

# worker …: the provider's daemon.
worker() { "$BIN/ogpu-worker" --url "$WS" --data-dir "$(worker_dir)" "$@"; }

# chain_up DIR [node arguments…]: a development node; sets DIR, HTTP, WS.
chain_up() {
    DIR=$1
    shift
    local port
    port=${RPC_PORT:-$(free_port)}
    HTTP=http://127.0.0.1:$port
    WS=ws://127.0.0.1:$port
    mkdir -p "$DIR"
    start_node "$DIR/node.log" --dev --base-path "$DIR/node" --rpc-port "$port" --port "$(free_port)" \
        --no-hardware-benchmarks --no-prometheus "$@"
    # Seconds on an idle machine; a busy one compiles the runtime's wasm for minutes.
    wait_for 300 "first block is final" finalizes "$HTTP" 1 || {
        tail -n 20 "$DIR/node.log" >&2
        fail "the chain does not finalise; its log is $DIR/node.log"
    }
}

register_models() {
    ogpu --dev-account alice models register --dir "$OGPU_MODELS_DIR/$QUESTION_MODEL" \
        --name $QUESTION_MODEL --kind generate --profile "${PROFILE:-a8}" >/dev/null &&
        ogpu --dev-account alice models register --dir "$OGPU_MODELS_DIR/$EMBED_MODEL" \
            --name $EMBED_MODEL --kind embed --profile f16 >/dev/null
}

# address ACCOUNT: of a development account.
address() { ogpu --dev-account "$1" --json balance | python3 -c 'import json, sys; print(json.load(sys.stdin)["account"])'; }

# pair_worker [OWNER]: a development account stakes and takes the worker.
pair_worker() {
    local owner=${1:-bob} code
    ogpu --dev-account "$owner" provider stake 1000 >/dev/null &&
        code=$(worker pair --owner "$(address "$owner")") &&
        ogpu --dev-account "$owner" provider pair "$code" --allot 500 >/dev/null
}

serves() { ogpu providers --model "$1" --json | grep -q '"worker"'; }

# The program itself goes into the background, not a shell around it: its pid is the one to kill.
start_worker() {
    "$BIN/ogpu-worker" --url "$WS" --data-dir "$(worker_dir)" \
        --model-dir "$OGPU_MODELS_DIR/$QUESTION_MODEL" --model-dir "$OGPU_MODELS_DIR/$EMBED_MODEL" \
        --slots 2 run >"$(worker_dir).log" 2>&1 &
    WORKER_PID=$!
    STARTED_PIDS+=("$WORKER_PID")
}

worker_serves() {
    wait_for 120 "worker serves $QUESTION_MODEL" serves $QUESTION_MODEL &&
        wait_for 60 "worker serves $EMBED_MODEL" serves $EMBED_MODEL || {
        tail -n 20 "$(worker_dir).log" >&2
        return 1
    }
}

stop_worker() {
    kill "$WORKER_PID" 2>/dev/null || true
    wait "$WORKER_PID" 2>/dev/null || true
}
dead() { ! kill -0 "$WORKER_PID" 2>/dev/null; }

# start_submit NAME [arguments…]: charlie's job in the background, the question in $DIR/question or the text in $TEXT;
# answer and progress are in $DIR/NAME.json and $DIR/NAME.log. The program itself is the child, so that it is stopped
# with the rest.
start_submit() {
    local name=$1 input=(--prompt-file "$DIR/question")
    [ -z "${TEXT:-}" ] || input=(--text-file "$TEXT")
    shift
    "$BIN/ogpu" --url "$WS" --data-dir "$DIR/client" --models-dir "$OGPU_MODELS_DIR" \
        --dev-account "${CLIENT:-charlie}" --json job submit --model $QUESTION_MODEL "${input[@]}" \
        --max-tokens "${TOKENS:-16}" --temperature "${TEMPERATURE:-0}" --max-price 1 "$@" >"$DIR/$name.json" 2>"$DIR/$name.log" &
    CLIENT_PID=$!
    STARTED_PIDS+=("$CLIENT_PID")
}

# answered NAME [EXIT_CODE]: the client ends with that code, 0 when none is given.
answered() {
    local status=0
    wait "$CLIENT_PID" || status=$?
    [ "$status" = "${2:-0}" ] || { tail -n 5 "$DIR/$1.log" >&2; return 1; }
}
submit() { start_submit "$@" && answered "$1"; }

market_up() {
    step "register the models (client alice)" register_models
    step "stake and pair (owner bob)" pair_worker
    start_worker
    step "start the worker" worker_serves
}
