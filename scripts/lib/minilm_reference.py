"""all-MiniLM-L6-v2 in float64, written against the paper and the file, not against any of our code.

    minilm_reference.py MODEL_DIR sentences.json > minilm.json

BERT encoder, mean over tokens, scaled to length 1; WordPiece written out, as the worker uses the library. Needs
numpy, which scripts/references installs.
"""

import json
import math
import struct
import sys
import unicodedata
from pathlib import Path

import numpy as np

DTYPES = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64}


def safetensors(path):
    """All tensors of a safetensors file, floats widened to float64."""
    data = Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        flat = np.frombuffer(data, DTYPES[entry["dtype"]], offset=8 + length + start, count=math.prod(entry["shape"]))
        assert flat.nbytes == end - start
        tensors[name] = flat.reshape(entry["shape"]).astype(np.float64)
    return tensors


def is_cjk(char):
    blocks = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B81F), (0x2B920, 0x2CEAF))
    blocks += ((0xF900, 0xFAFF), (0x2F800, 0x2FA1F))
    return any(first <= ord(char) <= last for first, last in blocks)


def is_punctuation(char):
    ascii_symbol = "!" <= char <= "/" or ":" <= char <= "@" or "[" <= char <= "`" or "{" <= char <= "~"
    return ascii_symbol or unicodedata.category(char).startswith("P")


def words(text):
    """BERT's basic tokens: control characters out, CJK characters alone, lower case, no accents, no punctuation inside."""
    spaced = ""
    for char in text:
        if char in "\t\n\r" or char.isspace():
            spaced += " "
        elif char not in "\0\ufffd" and not unicodedata.category(char).startswith("C"):
            spaced += f" {char} " if is_cjk(char) else char
    plain = (char for char in unicodedata.normalize("NFD", spaced) if unicodedata.category(char) != "Mn")
    split = "".join(f" {char} " if is_punctuation(char) else char for char in "".join(plain).lower())
    return split.split()


def word_pieces(word, vocabulary):
    """Longest match first; a word with a gap, or of more than 100 characters, is unknown as a whole."""
    pieces, start = [], 0
    while start < len(word) <= 100:
        for end in range(len(word), start, -1):
            piece = vocabulary.get(("##" if start else "") + word[start:end])
            if piece is not None:
                pieces.append(piece)
                start = end
                break
        else:
            return [vocabulary["[UNK]"]]
    return pieces or [vocabulary["[UNK]"]]


def token_ids(text, vocabulary):
    inner = [piece for word in words(text) for piece in word_pieces(word, vocabulary)]
    return [vocabulary["[CLS]"], *inner, vocabulary["[SEP]"]]


ERF = np.frompyfunc(math.erf, 1, 1)


def gelu(x):
    return 0.5 * x * (1.0 + ERF(x / math.sqrt(2.0)).astype(np.float64))


def layer_norm(x, weights, prefix, eps):
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + eps)
    return scaled * weights[f"{prefix}.weight"] + weights[f"{prefix}.bias"]


def linear(x, weights, prefix):
    return x @ weights[f"{prefix}.weight"].T + weights[f"{prefix}.bias"]


def attention(x, weights, prefix, heads):
    tokens, hidden = x.shape
    query, key, value = (
        linear(x, weights, f"{prefix}.self.{part}").reshape(tokens, heads, hidden // heads).transpose(1, 0, 2)
        for part in ("query", "key", "value")
    )
    scores = query @ key.transpose(0, 2, 1) / math.sqrt(hidden // heads)
    scores = np.exp(scores - scores.max(-1, keepdims=True))
    scores /= scores.sum(-1, keepdims=True)
    return (scores @ value).transpose(1, 0, 2).reshape(tokens, hidden)


def embed(ids, weights, config):
    eps = config["layer_norm_eps"]
    x = weights["embeddings.word_embeddings.weight"][ids]
    x = x + weights["embeddings.position_embeddings.weight"][: len(ids)]
    x = x + weights["embeddings.token_type_embeddings.weight"][0]
    x = layer_norm(x, weights, "embeddings.LayerNorm", eps)
    for layer in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{layer}"
        mixed = attention(x, weights, f"{at}.attention", config["num_attention_heads"])
        mixed = linear(mixed, weights, f"{at}.attention.output.dense")
        x = layer_norm(x + mixed, weights, f"{at}.attention.output.LayerNorm", eps)
        inner = gelu(linear(x, weights, f"{at}.intermediate.dense"))
        x = layer_norm(x + linear(inner, weights, f"{at}.output.dense"), weights, f"{at}.output.LayerNorm", eps)
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def main():
    folder, sentences = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())["sentences"]
    config = json.loads((folder / "config.json").read_text())
    weights = safetensors(folder / "model.safetensors")
    # The same file asks for padding to 128 and a cut at 128: habits of a batch, not of the model, so not done here.
    vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    rows = []
    for text in sentences:
        ids = token_ids(text, vocabulary)
        vector = [round(float(x), 9) for x in embed(ids, weights, config)]
        rows.append(json.dumps({"text": text, "ids": ids, "vector": vector}, ensure_ascii=False))
        print(f"  {len(ids)} tokens: {text[:60]!r}", file=sys.stderr)
    made_by = "scripts/references: float64 forward in numpy, WordPiece written out"
    print('{\n "model": "all-minilm-l6-v2",')
    print(f' "made_by": {json.dumps(made_by)},\n "sentences": [')
    print(",\n".join(f"  {row}" for row in rows))
    print(" ]\n}")


if __name__ == "__main__":
    main()
