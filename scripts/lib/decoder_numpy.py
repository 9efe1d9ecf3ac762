"""Decoder-only language models in plain numpy, for golden files: Llama, Qwen 2 and 3, Gemma 3.

Written from the models' descriptions, apart from our engine, and slow: no cache, no blocks, one matrix at a time.
Weights have their GGUF names, `[outputs, inputs]`.
"""

import math
import struct
from dataclasses import dataclass, field
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


def blocks_of(data, offset, count, fields, elements):
    return np.frombuffer(data, np.dtype(fields), count // elements, offset)


def single(values):
    return values.astype(np.float32)


def f32(data, offset, count):
    return np.frombuffer(data, np.float32, count, offset)


def q4_1(data, offset, count):
    blocks = blocks_of(data, offset, count, [("scale", "<f2"), ("low", "<f2"), ("nibbles", "u1", 16)], 32)
    quants = single(np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], 1))
    return quants * single(blocks["scale"])[:, None] + single(blocks["low"])[:, None]


def q5_0(data, offset, count):
    blocks = blocks_of(data, offset, count, [("scale", "<f2"), ("high", "u1", 4), ("nibbles", "u1", 16)], 32)
    quants = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], 1).astype(np.int32)
    quants |= np.unpackbits(blocks["high"], axis=1, bitorder="little").astype(np.int32) << 4
    return single(quants - 16) * single(blocks["scale"])[:, None]


def q8_0(data, offset, count):
    blocks = blocks_of(data, offset, count, [("scale", "<f2"), ("quants", "i1", 32)], 32)
    return single(blocks["quants"]) * single(blocks["scale"])[:, None]


def q4_k(data, offset, count):
    """256 weights in 8 groups of 32, with 6 bits of scale and 6 of minimum each, packed in 12 bytes."""
    fields = [("scale", "<f2"), ("low", "<f2"), ("packed", "u1", 12), ("nibbles", "u1", (4, 32))]
    blocks = blocks_of(data, offset, count, fields, 256)
    first, second, third = (blocks["packed"][:, at : at + 4] for at in (0, 4, 8))
    scales = np.concatenate([first & 63, third & 15 | first >> 6 << 4], 1)
    lows = np.concatenate([second & 63, third >> 4 | second >> 6 << 4], 1)
    quants = np.stack([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], 2).reshape(-1, 8, 32)
    scales = single(blocks["scale"])[:, None] * single(scales)
    lows = single(blocks["low"])[:, None] * single(lows)
    return single(quants) * scales[:, :, None] - lows[:, :, None]


def q6_k(data, offset, count):
    """256 weights in 16 groups of 16, with 8 bits of signed scale each; 4 bits of a weight here, 2 there."""
    fields = [("low", "u1", (2, 2, 32)), ("high", "u1", (2, 32)), ("scales", "i1", 16), ("scale", "<f2")]
    blocks = blocks_of(data, offset, count, fields, 256)
    low = np.stack([blocks["low"] & 15, blocks["low"] >> 4], 2).reshape(-1, 2, 4, 32)
    high = np.stack([blocks["high"] >> shift & 3 for shift in (0, 2, 4, 6)], 2)
    quants = single((low | high << 4).reshape(-1, 16, 16).astype(np.int32) - 32)
    return quants * (single(blocks["scale"])[:, None] * single(blocks["scales"]))[:, :, None]


READERS = {0: f32, 3: q4_1, 6: q5_0, 8: q8_0, 12: q4_k, 14: q6_k}


def silu(x):
    return x / (1 + np.exp(-x))


def gelu_tanh(x):
    return x * 0.5 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


@dataclass
class Decoder:
    """A model in the precision of its weights. `local` says which layers see `window` tokens only."""

    weights: dict
    layers: int
    heads: int
    kv_heads: int
    size: int
    eps: float
    rope_base: float = 10_000.0
    local_base: float = 10_000.0
    window: int | None = None
    local: list = field(default_factory=list)
    interleaved: bool = False
    activation: object = silu
    embedding_scale: float = 1.0
    attention_scale: float | None = None

    def has(self, name):
        return name in self.weights

    def norm(self, x, name):
        scale = np.sqrt((x * x).mean(-1, keepdims=True) + np.asarray(self.eps, x.dtype))
        return x / scale * self.weights[f"{name}.weight"]

    def linear(self, x, name):
        product = x @ self.weights[f"{name}.weight"].T
        return product + self.weights[f"{name}.bias"] if self.has(f"{name}.bias") else product

    def rotate(self, x, base):
        positions = np.arange(x.shape[1], dtype=np.float64)[:, None]
        angles = positions * base ** (-np.arange(0, self.size, 2, dtype=np.float64) / self.size)
        cos, sin = np.cos(angles).astype(x.dtype), np.sin(angles).astype(x.dtype)
        if self.interleaved:
            even, odd = x[..., 0::2], x[..., 1::2]
            return np.stack([even * cos - odd * sin, even * sin + odd * cos], -1).reshape(x.shape)
        first, second = np.split(x, 2, -1)
        return np.concatenate([first * cos - second * sin, first * sin + second * cos], -1)

    def attention(self, x, at, local):
        tokens = x.shape[0]
        query, key, value = (
            self.linear(x, f"{at}.attn_{part}").reshape(tokens, heads, self.size).transpose(1, 0, 2)
            for part, heads in (("q", self.heads), ("k", self.kv_heads), ("v", self.kv_heads))
        )
        if self.has(f"{at}.attn_q_norm.weight"):
            query, key = self.norm(query, f"{at}.attn_q_norm"), self.norm(key, f"{at}.attn_k_norm")
        base = self.local_base if local else self.rope_base
        query, key = self.rotate(query, base), self.rotate(key, base)
        key, value = (np.repeat(part, self.heads // self.kv_heads, 0) for part in (key, value))
        scale = self.attention_scale or 1 / math.sqrt(self.size)
        scores = query @ key.transpose(0, 2, 1) * np.asarray(scale, x.dtype)
        visible = np.tril(np.ones((tokens, tokens), bool))
        if local:
            visible &= ~np.tril(np.ones((tokens, tokens), bool), -self.window)
        scores = np.where(visible, scores, -np.inf)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        return self.linear((scores @ value).transpose(1, 0, 2).reshape(tokens, -1), f"{at}.attn_output")

    def feed_forward(self, x, at):
        gate = self.activation(self.linear(x, f"{at}.ffn_gate"))
        return self.linear(gate * self.linear(x, f"{at}.ffn_up"), f"{at}.ffn_down")

    def joined(self, x, output, name):
        return x + (self.norm(output, name) if self.has(f"{name}.weight") else output)

    def hidden(self, ids):
        x = self.weights["token_embd.weight"][ids]
        x = x * np.asarray(self.embedding_scale, x.dtype)
        for layer in range(self.layers):
            at = f"blk.{layer}"
            local = bool(self.local) and self.local[layer]
            attended = self.attention(self.norm(x, f"{at}.attn_norm"), at, local)
            x = self.joined(x, attended, f"{at}.post_attention_norm")
            x = self.joined(x, self.feed_forward(self.norm(x, f"{at}.ffn_norm"), at), f"{at}.post_ffw_norm")
        return self.norm(x, "output_norm")

    def logits(self, hidden):
        return self.linear(hidden, "output" if self.has("output.weight") else "token_embd")


def of_gguf(gguf):
    """The model of a file, in float32."""
    family = gguf.metadata["general.architecture"]
    meta = {key.removeprefix(f"{family}."): value for key, value in gguf.metadata.items()}
    heads, hidden = meta["attention.head_count"], meta["embedding_length"]
    common = dict(
        weights={name: gguf.tensor(name) for name in gguf.infos},
        layers=meta["block_count"],
        heads=heads,
        kv_heads=meta["attention.head_count_kv"],
        size=meta.get("attention.key_length", hidden // heads),
        eps=meta["attention.layer_norm_rms_epsilon"],
        rope_base=meta["rope.freq_base"],
    )
    if family == "llama":
        # Its converter has reordered the rows so that neighbouring pairs are rotated.
        return Decoder(**common, interleaved=True)
    if family == "gemma3":
        local = [(layer + 1) % 6 != 0 for layer in range(common["layers"])]
        window = meta["attention.sliding_window"]
        return Decoder(**common, window=window, local=local, activation=gelu_tanh, embedding_scale=math.sqrt(hidden))
    return Decoder(**common)
