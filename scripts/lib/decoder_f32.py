"""Top-1 ids of dequantised weights in float32: what the `f16` profile is held against.

    decoder_f32.py MODEL.gguf llama.json > golden.json

llama.cpp rounds activations to int8 for quantised weights, so its top-1 is a reference for the `a8` profile only.
This reads the same file, widens every weight and runs a plain forward in numpy, teacher-forced over the ids that
llama.cpp chose, and adds `f32_top1` and `f32_top1_margins` to each prompt.
"""

import json
import sys
from pathlib import Path

import numpy as np
from decoder_numpy import Gguf, of_gguf

# Rows of logits that are in memory at once.
ROWS = 64


def main():
    model = of_gguf(Gguf(sys.argv[1]))
    golden = json.loads(Path(sys.argv[2]).read_text())
    golden["made_by"] += "; f32_top1 by a float32 forward in numpy"
    for prompt in golden["prompts"]:
        hidden = model.hidden(prompt["ids"] + prompt["greedy_ids"][:-1])
        best, margins = [], []
        for at in range(0, len(hidden), ROWS):
            logits = model.logits(hidden[at : at + ROWS])
            second, first = np.sort(np.partition(logits, -2, -1)[:, -2:], -1).T
            best += logits.argmax(-1).tolist()
            margins += [round(float(margin), 4) for margin in first - second]
        prompt["f32_top1"], prompt["f32_top1_margins"] = best, margins
        same = np.mean(np.equal(best, prompt["top1"]))
        print(f"  {len(best)} positions, {same:.0%} as llama.cpp: {prompt['text'][:50]!r}", file=sys.stderr)
    fields = [
        ",\n".join(f"   {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in prompt.items())
        for prompt in golden.pop("prompts")
    ]
    head = "".join(f" {json.dumps(key)}: {json.dumps(value)},\n" for key, value in golden.items())
    prompts = ",\n".join(f"  {{\n{body}\n  }}" for body in fields)
    print(f'{{\n{head} "prompts": [\n{prompts}\n ]\n}}')


if __name__ == "__main__":
    main()
