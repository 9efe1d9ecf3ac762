// What llama.cpp (through npm's node-llama-cpp) makes of a file of prompts: token ids, greedy text, top-1 ids.
//
//   node llama-reference.mjs MODEL.gguf prompts.json VERSION > golden.json
//
// Run by scripts/references, from a folder that has node-llama-cpp in node_modules.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modelPath, promptsPath, release] = process.argv.slice(2);
// The packages live in a cache folder, not beside this file: resolve them from the working directory.
const packages = createRequire(pathToFileURL(`${process.cwd()}/`));
const load = async (name) => import(pathToFileURL(packages.resolve(name)).href);
const { getLlama, readGgufFileInfo, LlamaLogLevel } = await load("node-llama-cpp");
const { Template } = await load("@huggingface/jinja");

const GREEDY_TOKENS = 48;
const asked = JSON.parse(readFileSync(promptsPath, "utf8"));

const info = await readGgufFileInfo(modelPath);
const { chat_template: chatTemplate, ggml: vocabulary } = info.metadata.tokenizer;
const template = chatTemplate && new Template(chatTemplate);
// What SentencePiece models want before a text, and byte-level ones usually do not.
const start = vocabulary.model === "llama" ? [vocabulary.bos_token_id] : [];

const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error, maxThreads: 2 });
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });

/** The best token after every position and its lead over the second in logits; one batch from scratch. */
async function forcedTop1(sequence, ids) {
    const top = { generateNext: { logits: { filter: { tokens: [], includeTop: 2 } } } };
    const output = await sequence.controlledEvaluate(ids.map((id) => [id, top]));
    return output.map(({ next }) => {
        const [[best, bestLogit], [, secondLogit]] = [...next.logits.entries()];
        return { best, margin: Math.round((bestLogit - secondLogit) * 1e4) / 1e4 };
    });
}

/** A fresh context for each use, so that no answer depends on what ran before. */
async function fresh(use) {
    const context = await model.createContext({ contextSize: asked.context_tokens, batchSize: asked.context_tokens, sequences: 1, threads: 2, flashAttention: false });
    try {
        return await use(context.getSequence());
    } finally {
        await context.dispose();
    }
}

async function greedy(sequence, ids) {
    const best = { generateNext: { token: true, options: { temperature: 0 } } };
    const chosen = [];
    for (let input = [...ids.slice(0, -1), [ids.at(-1), best]]; chosen.length < GREEDY_TOKENS; input = [[chosen.at(-1), best]])
        chosen.push((await sequence.controlledEvaluate(input)).at(-1).next.token);
    return chosen;
}

const prompts = [];
for (const { text: given, messages, parse_special = true } of asked.prompts) {
    const text = given ?? template.render({ messages, add_generation_prompt: true, bos_token: "<|im_start|>", eos_token: "<|im_end|>" });
    const ids = [...start, ...model.tokenize(text, parse_special)];
    const greedyIds = await fresh((sequence) => greedy(sequence, ids));
    // Teacher-forced in one batch over prompt and greedy ids: entry i is the best token after the first i + 1.
    const forced = await fresh((sequence) => forcedTop1(sequence, [...ids, ...greedyIds.slice(0, -1)]));
    const end = greedyIds.findIndex((id) => asked.end_tokens.includes(id));
    const shown = end < 0 ? greedyIds : greedyIds.slice(0, end);
    prompts.push({
        text,
        ...(messages && { messages }),
        parse_special,
        ids,
        greedy_ids: greedyIds,
        greedy_text: model.detokenize(shown, true),
        top1: forced.map((step) => step.best),
        top1_margins: forced.map((step) => step.margin),
    });
    process.stderr.write(`  ${ids.length} tokens: ${JSON.stringify(text.slice(0, 60))}\n`);
}

const body = prompts.map((prompt) => {
    const fields = Object.entries(prompt).map(([key, value]) => `   ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
    return `  {\n${fields.join(",\n")}\n  }`;
});
process.stdout.write(`{
 "model": ${JSON.stringify(asked.model)},
 "made_by": "scripts/references: llama.cpp in node-llama-cpp ${release}, CPU, 2 threads, f16 key-value cache",
 "end_tokens": ${JSON.stringify(asked.end_tokens).replaceAll(",", ", ")},
 "prompts": [
${body.join(",\n")}
 ]
}
`);
await llama.dispose();
