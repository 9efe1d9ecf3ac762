#!/usr/bin/env python3
"""Makes the sampler's tables (primitives/src/gumbel_table.rs) with 60-digit decimals.

usage: scripts/make-gumbel-table.py           writes the file
       scripts/make-gumbel-table.py --check   fails when the file differs
"""

import sys
from decimal import Decimal, ROUND_HALF_EVEN, getcontext
from pathlib import Path

getcontext().prec = 60

OCTAVES = 32
SEGMENTS = 64
HALF = OCTAVES * SEGMENTS
EXP_STEPS = 256

TARGET = Path(__file__).resolve().parent.parent / "primitives" / "src" / "gumbel_table.rs"


def rounded(value: Decimal) -> int:
    return int(value.to_integral_value(rounding=ROUND_HALF_EVEN))


def gumbel_table() -> list[int]:
    """Gumbel quantiles in Q16.16 at 2 x 2048 + 1 points, denser towards both ends; ascending."""
    table = [0] * (2 * HALF + 1)
    for index in range(HALF + 1):
        octave, segment = divmod(index, SEGMENTS)
        tail = Decimal(2) ** (octave - 33) * (1 + Decimal(segment) / SEGMENTS)
        for position, uniform in ((index, tail), (2 * HALF - index, 1 - tail)):
            table[position] = rounded(-(-uniform.ln()).ln() * 65536)
    return table


def exp2_table() -> list[int]:
    """2^(-i/256) in Q31 for i = 0 ..= 256."""
    return [rounded(Decimal(2) ** (31 - Decimal(step) / EXP_STEPS)) for step in range(EXP_STEPS + 1)]


def log2_e() -> int:
    """log2(e) in Q32."""
    return rounded(Decimal(2) ** 32 / Decimal(2).ln())


def array(name: str, kind: str, doc: str, values: list[int]) -> str:
    rows = [values[start : start + 12] for start in range(0, len(values), 12)]
    body = "\n".join("    " + " ".join(f"{value}," for value in row) for row in rows)
    return f"/// {doc}\n#[rustfmt::skip]\npub(crate) static {name}: [{kind}; {len(values)}] = [\n{body}\n];\n"


def source() -> str:
    parts = [
        "//! Tables of the sampler, made by `scripts/make-gumbel-table.py`; do not edit.\n",
        array(
            "GUMBEL_Q16",
            "i32",
            "Gumbel quantiles −ln(−ln u) in Q16.16. Entry i ≤ 2048 is at u = 2^(i/64 − 33)·(1 + (i mod 64)/64)\n"
            "/// (whole division), entry 4096 − i at one minus that.",
            gumbel_table(),
        ),
        array("EXP2_NEG_Q31", "u32", "2^(−i/256) in Q31.", exp2_table()),
        f"/// log₂(e) in Q32.\npub(crate) const LOG2_E_Q32: u64 = {log2_e()};\n",
    ]
    return "\n".join(parts)


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        if TARGET.read_text() != source():
            sys.exit(f"{TARGET} differs from what this script makes: run it without --check")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        TARGET.write_text(source())
        print(f"wrote {TARGET}", file=sys.stderr)
