"""What the figures of an audit say of a result, under the thresholds of the model on this chain."""

import json
from pathlib import Path

from attacks.stage import MODEL

# Tokens that lose by two logits, of which no honest output has so many.
HARD_TOKENS = 3


def thresholds():
    """Those that the model starts with, in whose arithmetic it is registered here."""
    params = Path("docs/calibration") / MODEL / "params.json"
    return json.loads(params.read_text(encoding="utf-8"))["f16"]["starting"]


def some(value):
    """What an option holds, or None."""
    return value["Some"] if isinstance(value, dict) else None


def pair(value):
    """Two numbers; small ones are shown as if they were bytes."""
    return list(bytes.fromhex(value[2:])) if isinstance(value, str) else value


def are_wrong(found, params):
    """Whether the figures of `findings` are beyond a threshold, or the output does not end as its header says, which no
    figure shows."""
    if found["judgement"] == {"Fail": "Ending"}:
        return True
    worst, limit = some(found["worst_chunk"]), some(found["k"])
    chunk_e_milli = pair(worst)[1] if worst else 0
    # They are rounded up, so that one just above the threshold is above it here too.
    sketches = found["e_milli"] > params["tau_output_milli"] or chunk_e_milli > params["tau_chunk_milli"]
    return sketches or (limit is not None and (found["x"] >= limit or found["b"] >= HARD_TOKENS))
