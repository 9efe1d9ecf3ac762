"""Logits of tiny models of every family, by a float64 forward in numpy.

    tiny_reference.py > worker/tests/golden/tiny.json

The weights are arbitrary but fixed: `engine::tiny` writes the same from the same generator.
"""

import json
import math

import numpy as np
from decoder_numpy import Decoder, gelu_tanh

VOCABULARY, HIDDEN, INNER, LAYERS, HEADS, KEY_HEADS, SIZE = 258, 64, 96, 2, 4, 2, 16
IDS = [256] + [(i * 37 + 11) % 256 for i in range(39)]
MASK = (1 << 64) - 1


def shapes(family):
    """Names and shapes in the order in which the generator fills them; the flags say what is a norm."""
    query, key = HEADS * SIZE, KEY_HEADS * SIZE
    yield "token_embd.weight", (VOCABULARY, HIDDEN)
    for layer in range(LAYERS):
        at = f"blk.{layer}"
        yield f"{at}.attn_norm.weight", (HIDDEN,)
        for part, rows in (("q", query), ("k", key), ("v", key)):
            yield f"{at}.attn_{part}.weight", (rows, HIDDEN)
            if family == "qwen2":
                yield f"{at}.attn_{part}.bias", (rows,)
        if family in ("qwen3", "gemma3"):
            yield f"{at}.attn_q_norm.weight", (SIZE,)
            yield f"{at}.attn_k_norm.weight", (SIZE,)
        yield f"{at}.attn_output.weight", (HIDDEN, query)
        if family == "gemma3":
            yield f"{at}.post_attention_norm.weight", (HIDDEN,)
        yield f"{at}.ffn_norm.weight", (HIDDEN,)
        yield f"{at}.ffn_gate.weight", (INNER, HIDDEN)
        yield f"{at}.ffn_up.weight", (INNER, HIDDEN)
        yield f"{at}.ffn_down.weight", (HIDDEN, INNER)
        if family == "gemma3":
            yield f"{at}.post_ffw_norm.weight", (HIDDEN,)
    yield "output_norm.weight", (HIDDEN,)


def weights(family):
    state, made = 1, {}
    for name, shape in shapes(family):
        values = np.empty(math.prod(shape), np.float32)
        for i in range(len(values)):
            state = (state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) & MASK
            values[i] = (np.float32(state >> 40) / np.float32(1 << 24) - np.float32(0.5)) * np.float32(0.35)
        if "norm" in name:
            values += np.float32(1)
        made[name] = values.reshape(shape).astype(np.float64)
    return made


def model(family):
    common = dict(weights=weights(family), layers=LAYERS, heads=HEADS, kv_heads=KEY_HEADS, size=SIZE, eps=1e-5)
    if family != "gemma3":
        return Decoder(**common)
    gemma = dict(rope_base=1e6, window=8, local=[True, False], activation=gelu_tanh, embedding_scale=math.sqrt(HIDDEN))
    return Decoder(**common, **gemma, attention_scale=1 / math.sqrt(24))


def main():
    families = []
    for family in ("llama", "qwen2", "qwen3", "gemma3"):
        decoder = model(family)
        logits = decoder.logits(decoder.hidden(IDS))
        best = json.dumps(logits.argmax(-1).tolist())
        last = json.dumps([round(float(logit), 5) for logit in logits[-1]])
        families.append(f'  "{family}": {{\n   "best": {best},\n   "last": {last}\n  }}')
    body = ",\n".join(families)
    print(f'{{\n "made_by": "scripts/references: a float64 forward in numpy",\n "ids": {json.dumps(IDS)},\n "families": {{\n{body}\n }}\n}}')


if __name__ == "__main__":
    main()
