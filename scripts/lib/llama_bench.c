// Prefill and decode speed of llama.cpp on one GGUF file, printed as one JSON line.
//
//   llama_bench BACKEND_DIR MODEL.gguf THREADS PROMPT_TOKENS DECODE_TOKENS
//
// Does what `ogpu-worker bench` does: a prefill of PROMPT_TOKENS ids and greedy decoding of DECODE_TOKENS,
// arg-max included, on a fresh cache; once to warm up and once for the figures. Built by scripts/bench-engine against the libraries of npm's
// node-llama-cpp.
#include "ggml-backend.h"
#include "llama.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void quiet(enum ggml_log_level level, const char *text, void *data) {
    (void)data;
    if (level == GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
}

static void fail(const char *what) {
    fprintf(stderr, "llama_bench: %s\n", what);
    exit(1);
}

static llama_token best(struct llama_context *ctx, int vocabulary) {
    const float *logits = llama_get_logits_ith(ctx, -1);
    llama_token top = 0;
    for (int id = 1; id < vocabulary; id++)
        if (logits[id] > logits[top]) top = id;
    return top;
}

// Seconds for the prefill and for the decoding.
static void run(struct llama_context *ctx, int vocabulary, llama_token *prompt, int n_prompt, int n_decode, double *prefill, double *decode) {
    llama_memory_clear(llama_get_memory(ctx), true);
    double start = now();
    if (llama_decode(ctx, llama_batch_get_one(prompt, n_prompt))) fail("the prefill failed");
    llama_token next = best(ctx, vocabulary);
    *prefill = now() - start;
    start = now();
    for (int i = 0; i < n_decode; i++) {
        if (llama_decode(ctx, llama_batch_get_one(&next, 1))) fail("a decode step failed");
        next = best(ctx, vocabulary);
    }
    *decode = now() - start;
}

int main(int argc, char **argv) {
    if (argc != 6) fail("usage: llama_bench BACKEND_DIR MODEL.gguf THREADS PROMPT_TOKENS DECODE_TOKENS");
    int threads = atoi(argv[3]), n_prompt = atoi(argv[4]), n_decode = atoi(argv[5]);
    if (threads < 1 || n_prompt < 1 || n_decode < 1) fail("numbers must be positive");
    llama_log_set(quiet, NULL);
    ggml_backend_load_all_from_path(argv[1]);

    struct llama_model_params mp = llama_model_default_params();
    mp.n_gpu_layers = 0;
    struct llama_model *model = llama_model_load_from_file(argv[2], mp);
    if (!model) fail("cannot load the model");
    struct llama_context_params cp = llama_context_default_params();
    cp.n_ctx = n_prompt + n_decode + 8;
    cp.n_batch = n_prompt > 512 ? n_prompt : 512; // one call; its own default still splits it by 512
    cp.n_threads = cp.n_threads_batch = threads;
    struct llama_context *ctx = llama_init_from_model(model, cp);
    if (!ctx) fail("cannot make a context");
    int vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model));

    // Arbitrary ids: speed does not depend on them.
    llama_token *prompt = malloc(n_prompt * sizeof(llama_token));
    for (int i = 0; i < n_prompt; i++) prompt[i] = (unsigned)i * 7919u % vocabulary;
    double prefill, decode;
    for (int pass = 0; pass < 2; pass++) run(ctx, vocabulary, prompt, n_prompt, n_decode, &prefill, &decode);
    printf("{\"threads\":%d,\"prompt_tokens\":%d,\"decode_tokens\":%d,\"prefill_tokens_s\":%.1f,\"decode_tokens_s\":%.1f}\n",
           threads, n_prompt, n_decode, n_prompt / prefill, n_decode / decode);
    return 0;
}
