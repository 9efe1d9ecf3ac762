"""Top-1 ids of SmolLM2 with dequantised weights in float32: what the `f16` profile is held against.

    smollm2_f32.py MODEL.gguf llama.json > smollm2.json

llama.cpp rounds activations to int8 for quantised weights, so its top-1 is a reference for the `a8` profile only.
This reads the same file, widens every weight and runs a plain Llama forward in numpy, teacher-forced over the ids that
llama.cpp chose, and adds `f32_top1` and `f32_top1_margins` to each prompt.
"""

import json
import math
import struct
import sys
from pathlib import Path

import numpy as np

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9


class Gguf:
    """Metadata and tensors of a GGUF v3 file, as far as this model needs them."""

    def __init__(self, path):
        self.data, self.at = Path(path).read_bytes(), 0
        magic, version, tensors, entries = (self.scalar("I"), self.scalar("I"), self.scalar("Q"), self.scalar("Q"))
        assert magic == 0x46554747 and version == 3
        self.metadata = {self.string(): self.value(self.scalar("I")) for _ in range(entries)}
        self.infos = {}
        for _ in range(tensors):
            name = self.string()
            shape = [self.scalar("Q") for _ in range(self.scalar("I"))]
            self.infos[name] = (shape[::-1], self.scalar("I"), self.scalar("Q"))
        align = self.metadata.get("general.alignment", 32)
        self.start = -(-self.at // align) * align

    def scalar(self, code):
        (value,) = struct.unpack_from(f"<{code}", self.data, self.at)
        self.at += struct.calcsize(f"<{code}")
        return value

    def string(self):
        length = self.scalar("Q")
        self.at += length
        return self.data[self.at - length : self.at].decode()

    def value(self, kind):
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            kind, length = self.scalar("I"), self.scalar("Q")
            return [self.value(kind) for _ in range(length)]
        return self.scalar(SCALARS[kind])

    def tensor(self, name):
        shape, kind, offset = self.infos[name]
        count = math.prod(shape)
        return READERS[kind](self.data, self.start + offset, count).reshape(shape)


def f32(data, offset, count):
    return np.frombuffer(data, np.float32, count, offset)


def q4_1(data, offset, count):
    block = np.dtype([("scale", "<f2"), ("low", "<f2"), ("nibbles", "u1", 16)])
    blocks = np.frombuffer(data, block, count // 32, offset)
    quants = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], 1).astype(np.float32)
    return quants * blocks["scale"].astype(np.float32)[:, None] + blocks["low"].astype(np.float32)[:, None]


def q8_0(data, offset, count):
    blocks = np.frombuffer(data, np.dtype([("scale", "<f2"), ("quants", "i1", 32)]), count // 32, offset)
    return blocks["quants"].astype(np.float32) * blocks["scale"].astype(np.float32)[:, None]


READERS = {0: f32, 3: q4_1, 8: q8_0}


class Llama:
    def __init__(self, gguf):
        self.gguf, meta = gguf, {key.removeprefix("llama."): value for key, value in gguf.metadata.items()}
        self.layers, self.heads = meta["block_count"], meta["attention.head_count"]
        self.kv_heads, self.eps = meta["attention.head_count_kv"], meta["attention.layer_norm_rms_epsilon"]
        self.rope_base, self.rope_dims = meta["rope.freq_base"], meta["rope.dimension_count"]
        self.weights = {name: gguf.tensor(name) for name in gguf.infos}

    def norm(self, x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + np.float32(self.eps)) * self.weights[name]

    def linear(self, x, name):
        return x @ self.weights[name].T

    def rotate(self, x):
        """Neighbouring pairs are rotated: the converter to GGUF has already reordered the rows for that."""
        positions = np.arange(x.shape[1], dtype=np.float64)[:, None]
        angles = positions * self.rope_base ** (-np.arange(0, self.rope_dims, 2, dtype=np.float64) / self.rope_dims)
        cos, sin = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
        even, odd = x[..., 0::2], x[..., 1::2]
        return np.stack([even * cos - odd * sin, even * sin + odd * cos], -1).reshape(x.shape)

    def attention(self, x, at):
        tokens = x.shape[0]
        query, key, value = (
            self.linear(x, f"{at}.attn_{part}.weight").reshape(tokens, heads, -1).transpose(1, 0, 2)
            for part, heads in (("q", self.heads), ("k", self.kv_heads), ("v", self.kv_heads))
        )
        query, key = self.rotate(query), self.rotate(key)
        key, value = (np.repeat(part, self.heads // self.kv_heads, 0) for part in (key, value))
        scores = query @ key.transpose(0, 2, 1) / np.float32(math.sqrt(query.shape[-1]))
        scores = np.where(np.tril(np.ones((tokens, tokens), bool)), scores, -np.inf)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        return self.linear((scores @ value).transpose(1, 0, 2).reshape(tokens, -1), f"{at}.attn_output.weight")

    def feed_forward(self, x, at):
        gate = self.linear(x, f"{at}.ffn_gate.weight")
        return self.linear(gate / (1 + np.exp(-gate)) * self.linear(x, f"{at}.ffn_up.weight"), f"{at}.ffn_down.weight")

    def logits(self, ids):
        x = self.weights["token_embd.weight"][ids]
        for layer in range(self.layers):
            at = f"blk.{layer}"
            x = x + self.attention(self.norm(x, f"{at}.attn_norm.weight"), at)
            x = x + self.feed_forward(self.norm(x, f"{at}.ffn_norm.weight"), at)
        head = "output.weight" if "output.weight" in self.weights else "token_embd.weight"
        return self.linear(self.norm(x, "output_norm.weight"), head)


def main():
    model = Llama(Gguf(sys.argv[1]))
    golden = json.loads(Path(sys.argv[2]).read_text())
    golden["made_by"] += "; f32_top1 by a float32 forward in numpy"
    for prompt in golden["prompts"]:
        logits = model.logits(prompt["ids"] + prompt["greedy_ids"][:-1])
        second, first = np.sort(np.partition(logits, -2, -1)[:, -2:], -1).T
        prompt["f32_top1"] = logits.argmax(-1).tolist()
        prompt["f32_top1_margins"] = [round(float(margin), 4) for margin in first - second]
        same = np.mean(np.equal(prompt["f32_top1"], prompt["top1"]))
        print(f"  {len(logits)} positions, {same:.0%} as llama.cpp: {prompt['text'][:50]!r}", file=sys.stderr)
    fields = [
        ",\n".join(f"   {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in prompt.items())
        for prompt in golden.pop("prompts")
    ]
    head = "".join(f" {json.dumps(key)}: {json.dumps(value)},\n" for key, value in golden.items())
    prompts = ",\n".join(f"  {{\n{body}\n  }}" for body in fields)
    print(f'{{\n{head} "prompts": [\n{prompts}\n ]\n}}')


if __name__ == "__main__":
    main()
