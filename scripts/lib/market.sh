# A market on a development chain: two models, one provider, one worker. Shared by demo, devnet and tests.
# shellcheck shell=bash

QUESTION_MODEL=smollm2-135m-instruct
EMBED_MODEL=all-minilm-l6-v2

# ogpu …: the user's command, on the chain at $WS, with its data in $DIR.
ogpu() { "$BIN/ogpu" --url "$WS" --data-dir "$DIR/client" --models-dir "$OGPU_MODELS_DIR" "$@"; }

# worker …: the provider's daemon.
worker() { "$BIN/ogpu-worker" --url "$WS" --data-dir "$DIR/worker" "$@"; }

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
    wait_for 90 "first block is final" finalizes "$HTTP" 1 || {
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

pair_worker() {
    local code
    ogpu --dev-account bob provider stake 1000 >/dev/null &&
        code=$(worker pair --owner 5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty) &&
        ogpu --dev-account bob provider pair "$code" --allot 500 >/dev/null
}

serves() { ogpu providers --model "$1" --json | grep -q '"worker"'; }

# The program itself goes into the background, not a shell around it: its pid is the one to kill.
start_worker() {
    "$BIN/ogpu-worker" --url "$WS" --data-dir "$DIR/worker" \
        --model-dir "$OGPU_MODELS_DIR/$QUESTION_MODEL" --model-dir "$OGPU_MODELS_DIR/$EMBED_MODEL" \
        --slots 2 run >"$DIR/worker.log" 2>&1 &
    WORKER_PID=$!
    STARTED_PIDS+=("$WORKER_PID")
}

worker_serves() {
    wait_for 120 "worker serves $QUESTION_MODEL" serves $QUESTION_MODEL &&
        wait_for 60 "worker serves $EMBED_MODEL" serves $EMBED_MODEL || {
        tail -n 20 "$DIR/worker.log" >&2
        return 1
    }
}

market_up() {
    step "register the models (client alice)" register_models
    step "stake and pair (owner bob)" pair_worker
    start_worker
    step "start the worker" worker_serves
}
