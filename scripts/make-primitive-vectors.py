#!/usr/bin/env python3
"""Makes primitives/tests/vectors/*.json with a second implementation, written from the text of the formats.

Needs Python alone: hashlib has BLAKE2b, ChaCha8 is below.

usage: scripts/make-primitive-vectors.py           writes the files
       scripts/make-primitive-vectors.py --check   fails when one differs
"""

import hashlib
import importlib.util
import json
import random
import struct
import sys
from decimal import Decimal, getcontext
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "primitives" / "tests" / "vectors"

spec = importlib.util.spec_from_file_location("tables", HERE / "make-gumbel-table.py")
tables = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tables)
GUMBEL = tables.gumbel_table()
EXP2 = tables.exp2_table()
LOG2_E = tables.log2_e()

random = random.Random(1)
getcontext().prec = 80


# formats


def tagged(tag: str, data: bytes) -> bytes:
    return hashlib.blake2b(tag.encode().ljust(16, b"\0") + data, digest_size=32).digest()


def u32(value: int) -> bytes:
    return struct.pack("<I", value)


def compact(value: int) -> bytes:
    if value < 1 << 6:
        return bytes([value << 2])
    if value < 1 << 14:
        return struct.pack("<H", value << 2 | 1)
    return struct.pack("<I", value << 2 | 2)


def scale_ids(ids: list[int]) -> bytes:
    return compact(len(ids)) + b"".join(map(u32, ids))


def hexed(data: bytes) -> str:
    return "0x" + data.hex()


# sampler


def chacha8_block(key: bytes, stream: int, counter: int) -> list[int]:
    start = list(struct.unpack("<4I", b"expand 32-byte k")) + list(struct.unpack("<8I", key))
    start += [counter & 0xFFFFFFFF, counter >> 32, stream & 0xFFFFFFFF, stream >> 32]
    state = list(start)

    def quarter(a: int, b: int, c: int, d: int) -> None:
        for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[x] = (state[x] + state[y]) & 0xFFFFFFFF
            mixed = state[z] ^ state[x]
            state[z] = (mixed << turn | mixed >> (32 - turn)) & 0xFFFFFFFF

    for _ in range(4):
        for column in range(4):
            quarter(column, 4 + column, 8 + column, 12 + column)
        quarter(0, 5, 10, 15)
        quarter(1, 6, 11, 12)
        quarter(2, 7, 8, 13)
        quarter(3, 4, 9, 14)
    return [(last + first) & 0xFFFFFFFF for last, first in zip(state, start)]


def chacha8_word(key: bytes, stream: int, word: int) -> int:
    counter, place = divmod(word, 16)
    return chacha8_block(key, stream, counter)[place]


def gumbel(word: int) -> int:
    upper, tail = word >> 31, (word & 0x7FFFFFFF) * 2 + 1
    octave = tail.bit_length() - 1
    place = Fraction(tail, 1 << octave) * 64 - 64
    segment = floor(place)
    index, step = octave * 64 + segment, 1
    if upper:
        index, step = 4096 - index, -1
    exact = (GUMBEL[index + step] - GUMBEL[index]) * (place - segment)
    return GUMBEL[index] + floor(exact + Fraction(1, 2))


def noise(seed: bytes, position: int, token: int) -> int:
    return gumbel(chacha8_word(seed, position, token))


def perturbed(logit: int, temperature: int, g: int) -> int:
    return logit + floor(Fraction(temperature * g, 1000))


def exp_neg(x: int) -> int:
    power = Fraction(x * LOG2_E, 1 << 48)
    halvings = floor(power)
    if halvings > 31:
        return 0
    place = (power - halvings) * 256
    step = floor(place)
    value = EXP2[step] - floor((EXP2[step] - EXP2[step + 1]) * (place - step))
    return value >> halvings


def candidate_set(ranked: list[tuple[int, int]], top_k: int, top_p: int, min_p: int) -> int:
    ranked = ranked[: min(64, top_k or 64)]
    weights = [exp_neg(ranked[0][1] - logit) for _, logit in ranked]
    kept = len(weights)
    if top_p < 1_000_000:
        total, mass = sum(weights), 0
        for index, weight in enumerate(weights):
            mass += weight
            if Fraction(mass, total) >= Fraction(top_p, 1_000_000):
                kept = index + 1
                break
    if min_p:
        least = Fraction(min(min_p, 1_000_000), 1_000_000)
        kept = sum(Fraction(weight, weights[0]) >= least for weight in weights[:kept])
    return max(kept, 1)


def sampler_vectors() -> dict:
    def params_without_seed(p: dict) -> bytes:
        return (
            struct.pack("<IHHII", p["max_output_tokens"], p["temperature_milli"], p["top_k"], p["top_p_ppm"], p["min_p_ppm"])
            + struct.pack("<Hhh", p["repetition_penalty_milli"], p["presence_penalty_milli"], p["frequency_penalty_milli"])
            + scale_ids(p["stop_tokens"])
        )

    jobs = []
    for number in range(6):
        genesis, model, client_seed = (bytes(random.randrange(256) for _ in range(32)) for _ in range(3))
        params = {
            "max_output_tokens": random.randrange(1, 5000),
            "temperature_milli": [0, 1, 700, 1000, 1500, 65535][number],
            "top_k": [0, 1, 40, 64, 5, 0][number],
            "top_p_ppm": [1_000_000, 950_000, 900_000, 1_000_000, 500_000, 999_999][number],
            "min_p_ppm": [0, 0, 50_000, 1_000, 0, 0][number],
            "repetition_penalty_milli": 1000 + 10 * number,
            "presence_penalty_milli": -number,
            "frequency_penalty_milli": number,
            "seed": hexed(client_seed),
            "stop_tokens": [random.randrange(1 << 32) for _ in range(number)],
        }
        seed = tagged("ogpu/seed/v1", genesis + model + client_seed + params_without_seed(params))
        steps = []
        for position in (0, 1, 31, 32, 1000, (1 << 32) - 1):
            count = random.choice([1, 5, 63, 64, 65, 200])
            spread = random.choice([1 << 15, 1 << 17, 1 << 20])
            tokens = random.sample(range(50_000), count - 1) + [(1 << 32) - 1]
            logits = [(token, random.randrange(-spread, spread)) for token in tokens]
            ranked = sorted(logits, key=lambda pair: (-pair[1], pair[0]))[:64]
            kept = candidate_set(ranked, params["top_k"], params["top_p_ppm"], params["min_p_ppm"])
            scored = [
                (-perturbed(logit, params["temperature_milli"], noise(seed, position, token)), token)
                for token, logit in ranked[:kept]
            ]
            steps.append({"position": position, "logits": logits, "kept": kept, "token": min(scored)[1]})
        jobs.append({"genesis": hexed(genesis), "model": hexed(model), "params": params, "seed": hexed(seed), "steps": steps})

    key = bytes(range(32))
    places = [(p, t) for p in (0, 1, 77, (1 << 32) - 1) for t in (0, 1, 15, 16, 63, 64, 49_151, 262_143, (1 << 32) - 1)]
    words = [0, 1, 2, 63, 0x3FFFFFFF, 0x40000000, 0x7FFFFFFE, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xBFFFFFFF, 0xC0000000, 0xFFFFFFFF]
    words += [random.randrange(1 << 32) for _ in range(200)] + [random.randrange(1 << bits) for bits in range(1, 31)]
    exponents = [0, 1, 45425, 45426, 45427, 65536, 1 << 20, (1 << 20) + 382_000, 22 << 16, 1 << 32]
    exponents += [random.randrange(22 << 16) for _ in range(100)]
    scores = [(random.randrange(-1 << 31, 1 << 31), random.randrange(1 << 16), random.randrange(-205_127, 1_499_000)) for _ in range(50)]
    return {
        "noise": {
            "seed": hexed(key),
            "values": [{"position": p, "token": t, "noise_q16": noise(key, p, t)} for p, t in places],
        },
        "gumbel": [[word, gumbel(word)] for word in words],
        "exp_neg_q31": [[x, exp_neg(x)] for x in exponents],
        "perturbed": [[z, temperature, g, perturbed(z, temperature, g)] for z, temperature, g in scores],
        "jobs": jobs,
    }


# evidence


def merkle_root(leaves: list[bytes]) -> bytes:
    """Recursive form: the left half is the largest power of two below the number of leaves."""
    if not leaves:
        return tagged("ogpu/empty/v1", b"")
    if len(leaves) == 1:
        return tagged("ogpu/leaf/v1", leaves[0])
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return tagged("ogpu/node/v1", merkle_root(leaves[:half]) + merkle_root(leaves[half:]))


def evidence_vectors() -> dict:
    empty = tagged("ogpu/empty/v1", b"")
    trees = []
    for count in (0, 1, 2, 3, 4, 5, 7, 8, 9, 33):
        leaves = [tagged("test", u32(index)) for index in range(count)]
        trees.append({"leaves": [hexed(leaf) for leaf in leaves], "root": hexed(merkle_root(leaves))})
    outputs, embeddings = [], []
    for number, count in enumerate((0, 1, 31, 32, 33, 64, 100)):
        worker, job = (bytes(random.randrange(256) for _ in range(32)) for _ in range(2))
        segment, attempt, n_in, finish = number, number % 5, 10 * number, number % 2
        work = job + u32(segment) + bytes([attempt])
        ids = [random.randrange(1 << 32) for _ in range(count)]
        leaves = [tagged("ogpu/header/v1", worker + work + u32(n_in) + u32(count) + bytes([finish]))]
        for chunk, start in enumerate(range(0, count, 32)):
            opened = tagged("ogpu/ids/v1", worker + work + u32(chunk) + scale_ids(ids[start : start + 32]))
            leaves.append(tagged("ogpu/chunk/v1", opened + empty + empty))
        work_fields = {"worker": hexed(worker), "job": hexed(job), "segment": segment, "attempt": attempt, "n_in": n_in}
        outputs.append({**work_fields, "finish": finish, "ids": ids, "root": hexed(merkle_root(leaves))})

        vector = bytes(random.randrange(256) for _ in range(4 * count))
        header = tagged("ogpu/header/v1", worker + work + u32(n_in) + u32(0) + bytes([2]))
        leaf = tagged("ogpu/vector/v1", worker + work + compact(len(vector)) + vector)
        embeddings.append({**work_fields, "vector": hexed(vector), "root": hexed(merkle_root([header, leaf]))})
    salt, ids = bytes(range(32)), [1, 2, 70_000]
    job_ids = []
    for nonce in (0, 1, (1 << 64) - 1):
        genesis, client = (bytes(random.randrange(256) for _ in range(32)) for _ in range(2))
        made = tagged("ogpu/job/v1", genesis + client + struct.pack("<Q", nonce))
        job_ids.append({"genesis": hexed(genesis), "client": hexed(client), "nonce": nonce, "id": hexed(made)})
    return {
        "trees": trees,
        "outputs": outputs,
        "embeddings": embeddings,
        "input": {"salt": hexed(salt), "ids": ids, "commitment": hexed(tagged("ogpu/input/v1", salt + scale_ids(ids)))},
        "job_ids": job_ids,
    }


# audit


def bf16(value: float) -> int:
    """Nearest bf16, ties to even, by exact comparison with both neighbours."""
    exact = Fraction(value)
    below = struct.unpack("<I", struct.pack("<f", value))[0] >> 16
    finite = lambda bits: abs(bf16_value(bits)) < float("inf")
    near = lambda bits: (not finite(bits), finite(bits) and abs(Fraction(bf16_value(bits)) - exact), bits & 1)
    return min((below, below + 1), key=near)


def bf16_value(bits: int) -> float:
    return struct.unpack("<f", struct.pack("<I", bits << 16))[0]


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def cut(value: int, limit: int) -> int:
    return max(-limit, min(limit, value))


def whiten(table: dict, hidden: list[int]) -> list[int]:
    white = []
    for bits, mean, scale in zip(hidden, table["means"], table["scales"]):
        exact = Fraction(bf16_value(bits)) * (1 << 24)
        magnitude = min(half_up(abs(exact)), 1 << 39)
        value = (magnitude if exact > 0 else -magnitude) - mean * (1 << table["mean_shift"])
        white.append(cut(half_up(Fraction(value * scale, 1 << table["scale_shift"])), (1 << 17) - 1))
    return white


def root_q16(value: int) -> int:
    """Square root in 1/65536, rounded down, by bisection."""
    low, high = 0, 1 << 40
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle * middle <= value << 32 else (low, middle)
    return low


def token_sketch(table: dict, key: bytes, units: int, position: int, hidden: list[int]) -> list[int]:
    white = whiten(table, hidden)
    stream = b"".join(
        struct.pack("<16I", *chacha8_block(key, position, counter)) for counter in range(-(-len(white) // 64))
    )
    sums = []
    for j in range(8):
        total = sum(-value if stream[i] >> j & 1 else value for i, value in enumerate(white))
        sums.append(cut(half_up(Fraction(total * units * 16, root_q16(len(white)))), 32_767))
    return sums


def hidden_bytes(hidden: list[int]) -> bytes:
    return struct.pack(f"<{len(hidden)}H", *hidden)


def sketch_vectors() -> dict:
    cases = []
    for number, (dimensions, tokens) in enumerate(((1, 1), (63, 2), (64, 33), (65, 3), (576, 2))):
        seed, job, worker = (bytes(random.randrange(256) for _ in range(32)) for _ in range(3))
        deviations = [random.uniform(0.2, 20) for _ in range(dimensions)]
        means = [random.uniform(-30, 30) for _ in range(dimensions)]
        table = {
            "mean_shift": 15,
            "scale_shift": 25,
            "means": [round(mean * 512) for mean in means],
            "scales": [round((1 << 13) / deviation) if random.random() > 0.05 else 0 for deviation in deviations],
        }
        table["scales"][0] = 700
        states = [
            [bf16(random.gauss(mean, deviation)) for mean, deviation in zip(means, deviations)] for _ in range(tokens)
        ]
        # Beyond every cut, below the least step, zero and a subnormal.
        states[0][:4] = [0xFF7F, 0x3000, 0x8000, 0x0001][:dimensions]
        units = (16, 256, 1_024, 1_000, 4_096)[number]
        key = tagged("ogpu/signs/v1", seed + job)
        sums = [token_sketch(table, key, units, position, state) for position, state in enumerate(states)]
        work = job + u32(0) + bytes([number])
        ids = [random.randrange(1 << 32) for _ in range(tokens)]
        leaves = [tagged("ogpu/header/v1", worker + work + u32(7) + u32(tokens) + bytes([1]))]
        for chunk, start in enumerate(range(0, tokens, 32)):
            own = slice(start, start + 32)
            flat = [value for token in sums[own] for value in token]
            sketch = tagged("ogpu/sketch/v1", struct.pack(f"<{len(flat)}h", *flat))
            hidden = merkle_root([tagged("ogpu/hidden/v1", hidden_bytes(state)) for state in states[own]])
            opened = tagged("ogpu/ids/v1", worker + work + u32(chunk) + scale_ids(ids[own]))
            leaves.append(tagged("ogpu/chunk/v1", opened + sketch + hidden))
        encoded = bytes([table["mean_shift"], table["scale_shift"]]) + compact(dimensions)
        encoded += struct.pack(f"<{dimensions}h", *table["means"]) + compact(dimensions)
        encoded += struct.pack(f"<{dimensions}H", *table["scales"])
        cases.append(
            {
                "seed": hexed(seed),
                "job": hexed(job),
                "worker": hexed(worker),
                "attempt": number,
                "units": units,
                "table": {**table, "hash": hexed(tagged("ogpu/whiten/v1", encoded))},
                "ids": ids,
                "hidden": states,
                "sums": sums,
                "root": hexed(merkle_root(leaves)),
            }
        )
    return cases


def jury_vectors() -> list:
    """Which tokens a jury sketches, and their sums."""
    cases = []
    for tokens in (0, 1, 31, 32, 33, 70, 8_192):
        key = bytes(random.randrange(256) for _ in range(32))
        parts = min(32, tokens)
        numbers = tagged("ogpu/jtokens/v1", key)
        drawn = struct.unpack("<32I", b"".join(struct.pack("<16I", *chacha8_block(numbers, 0, c)) for c in range(2)))
        begins = [part * tokens // parts for part in range(parts)] + [tokens]
        positions = [
            begin + floor(Fraction(number * (end - begin), 1 << 32))
            for number, begin, end in zip(drawn, begins, begins[1:])
        ]
        table = {"mean_shift": 9, "scale_shift": 13, "means": [0] * 65, "scales": [1 << 13] * 65}
        states = [[bf16(random.gauss(0, 1)) for _ in range(65)] for _ in positions]
        signs = tagged("ogpu/jsigns/v1", key)
        sums = [token_sketch(table, signs, 1_024, at, state) for at, state in zip(positions, states)]
        cases.append(
            {"key": hexed(key), "n_out": tokens, "positions": positions, "table": table, "hidden": states, "sums": sums}
        )
    return cases


def poisson_limit(rate_ppm: int, tokens: int) -> int:
    """The smallest k whose tail is at most 1e-7, by summing the body in 80 digits."""
    mean = Decimal(rate_ppm) * tokens / 1_000_000
    weight, body, k = (-mean).exp(), Decimal(0), 0
    while 1 - body > Decimal("1e-7"):
        body += weight
        k += 1
        weight = weight * mean / k
    return k


def margin(seed: bytes, position: int, ranked: list, emitted: tuple, p: dict, slack: int) -> int:
    """By how much `emitted` loses, from the table of rules: the sets are made one token at a time."""
    token, logit = emitted
    if p["temperature_milli"] == 0:
        return max(0, ranked[0][1] - logit)
    limit = min(64, p["top_k"] or 64)
    kept = ranked[:limit]
    best, shrink = ranked[0][1], Fraction(exp_neg(slack), 1 << 31)
    weight = lambda z: exp_neg(max(0, best - z))
    total = sum(weight(z) for _, z in kept)
    top_p, min_p = Fraction(p["top_p_ppm"], 1_000_000), Fraction(p["min_p_ppm"], 1_000_000)
    likely = lambda z: Fraction(weight(z), 1 << 31) >= min_p
    off = top_p >= 1

    if len(ranked) > limit:
        below = ranked[limit][1]
    else:
        below = ranked[-1][1] if len(ranked) == limit == 64 else None

    surely = [z for _, z in kept if z > logit + slack]
    a = sum(map(weight, surely))
    wide = below is None or logit >= kept[-1][1] - slack
    wide = wide and likely(logit + slack)
    wide = wide and (off or not surely or a * shrink * (1 - top_p) < top_p * (total - a))
    if not wide:
        return (1 << 32) - 1

    def is_narrow(own: int, z: int) -> bool:
        possibly = [other for id, other in kept if id != own and other >= z - slack]
        b = sum(map(weight, possibly))
        return (
            (below is None or z - slack >= below)
            and likely(z - slack)
            and (off or not possibly or b * (1 - top_p) < top_p * (total - b) * shrink)
        )

    score = lambda id, z: perturbed(z, p["temperature_milli"], noise(seed, position, id))
    rivals = [score(id, z) for id, z in kept if is_narrow(id, z)]
    return max([0, *(rival - score(token, logit) for rival in rivals)])


def token_vectors() -> list:
    cases = []
    for number in range(60):
        seed = bytes(random.randrange(256) for _ in range(32))
        params = {
            "temperature_milli": random.choice([0, 500, 800, 1000, 1500]),
            "top_k": random.choice([0, 0, 1, 2, 40, 64, 70]),
            "top_p_ppm": random.choice([1_000_000, 1_000_000, 950_000, 900_000, 500_000]),
            "min_p_ppm": random.choice([0, 0, 10_000, 100_000]),
        }
        slack, position = random.choice([0, 16 << 8, 64 << 8, 256 << 8]), random.randrange(1 << 32)
        count = random.choice([1, 5, 63, 64, 65, 100])
        tokens = random.sample(range(1 << 32), count)
        logits = [(token, random.randrange(-6 << 16, 6 << 16)) for token in tokens]
        ranked = sorted(logits, key=lambda pair: (-pair[1], pair[0]))
        emitted = ranked[min(count - 1, random.choice([0, 0, 1, 2, 3, 10, 64, 70]))]
        lost = margin(seed, position, ranked[:64], emitted, params, slack)
        case = {"seed": hexed(seed), "params": params, "slack_q16": slack, "position": position}
        cases.append({**case, "candidates": ranked[:64], "emitted": emitted, "margin_q16": lost})
    return cases


def running_sum_vectors() -> list:
    lives = []
    for mean, most in ((100, 200), (100, 500), (7, 3_000_000), (12_000, 0)):
        capital, steps, level = [0, 0, 0], [], 0
        for t in range(1, 81):
            value = random.randrange(most + 1)
            start = floor(Fraction(1 << 56, t * (t + 1)))
            ratio = min(Fraction(value, mean), 8)
            for at, fraction in enumerate((Fraction(1, 16), Fraction(1, 4), Fraction(3, 4))):
                factor = Fraction(floor((1 + fraction * (ratio - 1)) * (1 << 24)), 1 << 24)
                capital[at] = min(floor((capital[at] + start) * factor), 4_000_000_000 << 56)
            total = sum(capital) // 3
            level = max([level, *(at for at, least in ((1, 10**3), (2, 10**6), (3, 10**9)) if total >= least << 56)])
            steps.append([value, level, str(total * 1000 >> 56)])
        lives.append({"mean": mean, "steps": steps})
    return lives


def embedding_vectors() -> list:
    cases = []
    for number, size in enumerate((1, 2, 3, 64, 384)):
        single = lambda value: struct.unpack("<f", struct.pack("<f", value))[0]
        scale = (1.0, 1e-30, 1e30, 1e-44, 0.05)[number]
        auditor = [single(random.gauss(0, scale)) for _ in range(size)]
        worker = [single(value * random.gauss(1, 0.1)) for value in auditor]
        if number == 3:
            worker[5] = single(1e38)
        largest = max(abs(Fraction(value)) for value in auditor)
        unit = Fraction(1)
        while largest / unit >= 1 << 20:
            unit *= 2
        while largest / unit < 1 << 19:
            unit /= 2
        grid = lambda value: cut(int(Fraction(value) / unit), 1 << 30)
        pairs = [(grid(a), grid(b)) for a, b in zip(worker, auditor)]
        squares = sum((a - b) ** 2 for a, b in pairs)
        reference = sum(b * b for _, b in pairs)
        vector = lambda values: hexed(struct.pack(f"<{size}f", *values))
        case = {"worker": vector(worker), "auditor": vector(auditor)}
        cases.append({**case, "squares": str(squares), "reference": str(reference)})
    return cases


def report_vector() -> dict:
    """One report of two chunks, 33 tokens, with its bytes and its commitment."""
    auditor, salt = bytes([1] * 32), bytes([2] * 32)
    margins = [random.choice([0, 0, 0, 500, 3_000, 9_000, 140_000]) for _ in range(33)]
    sums = [[random.randrange(-3_000, 3_000) for _ in range(8)] for _ in margins]
    encoded = bytes([0]) + compact(2)
    for own in (slice(0, 32), slice(32, 33)):
        u = sum(min(32, floor(Fraction(64 * lost, 65_536))) for lost in margins[own])
        x, b = (sum(lost > least for lost in margins[own]) for least in (8_192, 131_071))
        flat = [value for token in sums[own] for value in token]
        encoded += struct.pack("<HBB", u, x, b) + compact(len(flat)) + struct.pack(f"<{len(flat)}h", *flat)
    encoded += bytes([1, min(255, margins[-1] // 1024)]) + u32(1)
    jury = [[random.randrange(-3_000, 3_000) for _ in range(8)] for _ in range(32)]
    flat = [value for token in jury for value in token]
    encoded += bytes([1]) + compact(len(flat)) + struct.pack(f"<{len(flat)}h", *flat)
    return {
        "auditor": hexed(auditor),
        "salt": hexed(salt),
        "margins_q16": margins,
        "sums": sums,
        "jury_sums": jury,
        "scale": hexed(encoded),
        "commitment": hexed(tagged("ogpu/report/v1", auditor + salt + encoded)),
    }


def audit_vectors() -> dict:
    rates = [(rate, n) for rate in (1, 500, 4_000, 5_000, 14_000, 100_000) for n in (1, 32, 96, 256, 1_024, 8_192)]
    rates += [(random.randrange(1, 100_001), random.randrange(1, 8_193)) for _ in range(40)]
    floats = [0x3F808000, 0x3F818000, 0x7F7FFFFF, 0x7F800000, 0x7FC00000, 0x80000001, 0x00008001, 0xFF7F0000]
    floats += [random.randrange(1 << 32) for _ in range(60)]
    return {
        "bf16": [[bits, nearest_bf16(bits)] for bits in floats],
        "sketches": sketch_vectors(),
        "limits": [[rate, tokens, poisson_limit(rate, tokens)] for rate, tokens in rates],
        "margins": token_vectors(),
        "running_sums": running_sum_vectors(),
        "embeddings": embedding_vectors(),
        "report": report_vector(),
        "juries": jury_vectors(),
    }


def nearest_bf16(bits: int) -> int | None:
    """None where the f32 is not finite or nearer to 2^128 than to any bf16."""
    value = struct.unpack("<f", struct.pack("<I", bits))[0]
    if value != value or abs(value) >= float(2**128 - 2**119):
        return None
    return bf16(value)


# money


def money_vectors() -> dict:
    most = (1 << 128) - 1
    prices, splits, budgets = [], [], []
    for _ in range(60):
        work = random.randrange(1 << random.choice([10, 40, 66]))
        index = random.randrange(1 << random.choice([10, 60, 128]))
        ask = random.randrange(100, 10_001)
        price = min(most, ceil(Fraction(work * index * ask, 1_000_000)))
        prices.append({"work_milli_cu": str(work), "index": str(index), "ask_permille": ask, "price": str(price)})
    for _ in range(60):
        price = random.randrange(1 << random.choice([4, 20, 70, 128]))
        rates = [random.randrange(1_000_001) for _ in range(4)]
        rates[2] = random.randrange(1_000_001 - rates[1])
        rates[3] = random.randrange(1_000_001 - rates[0])
        part = lambda amount, ppm: amount * ppm // 1_000_000
        protocol = part(price, rates[0])
        # Now and then more than is left of the price.
        premium = min(most, part(2 * price, rates.pop()))
        validators, treasury = part(protocol, rates[1]), part(protocol, rates[2])
        taken = min(premium, price - protocol)
        shares = [price - protocol - taken, validators, treasury, protocol - validators - treasury, taken]
        split = {"price": str(price), "rates": rates, "premium": str(premium), "shares": list(map(str, shares))}
        splits.append(split)
    for era, halving in ((0, 10), (9, 10), (10, 10), (1_459, 1_460), (1_460, 1_460), (100_000, 10), (5, 1), (3, 0)):
        initial = 467 * 10**18 + 123
        budgets.append({"era": era, "initial": str(initial), "halving": halving, "budget": str(initial >> era // max(halving, 1))})
    return {"prices": prices, "splits": splits, "budgets": budgets}


# penalties, juries, reputation, receipts


def penalty_vectors() -> dict:
    most, whole = (1 << 128) - 1, 1_000_000
    share = lambda: Fraction(random.randrange(whole + 1), whole)
    ppm = lambda value: int(value * whole)
    rates, chances, amounts, premiums = [], [], [], []
    for _ in range(40):
        passed = random.randrange(1 << random.choice([10, 16, 30, 64]))
        least, top = random.randrange(50_001), random.randrange(50_000, whole + 1)
        rate = max(least, floor(top * 8 / (8 + Fraction(passed, 1_000))))
        rates.append([str(passed), least, top, rate])
    for _ in range(40):
        colluding, second, rate, detection = (share() for _ in range(4))
        evasion = Fraction(ceil(colluding * (1 - second + second * colluding) * whole), whole)
        caught = rate * detection * (1 - evasion)
        chances.append([ppm(value) for value in (colluding, second, rate, detection, evasion, caught)])
    for _ in range(80):
        stake = random.randrange(1 << random.choice([8, 60, 90, 128]))
        price = random.randrange(1 << random.choice([4, 50, 80, 128]))
        fee = random.randrange(1 << random.choice([4, 50, 80, 128]))
        caught, earlier = share() ** random.choice([1, 2]), random.choice([0, 0, 1, 2, 5, 40])
        caught = Fraction(max(1, ppm(caught)), whole)
        cap = stake if caught == 1 else min(stake, floor(stake * caught / (2 * (1 - caught))))
        once = max(stake // 20, min(most, ceil(2 * price * (1 - caught) / caught)))
        amount = {
            "stake": stake,
            "price": price,
            "fee": fee,
            "job_cap": cap,
            "wrong_result": min(stake, once * 2**earlier),
            "false_pass": min(stake, max(10 * price, 20 * fee)),
            "false_dissent": min(stake, fee + stake // 10),
        }
        amount = {name: str(value) for name, value in amount.items()}
        amounts.append(amount | {"catch_ppm": ppm(caught), "earlier": earlier})
    for _ in range(40):
        fee = random.randrange(1 << random.choice([4, 50, 80, 127]))
        rate, second = share(), share()
        premiums.append([str(fee), ppm(rate), ppm(second), str(floor(rate * (1 + second) * fee))])
    juries = []
    for seats in range(24):
        for against in range(seats + 1):
            for favour in range(seats + 1 - against):
                if seats and against >= ceil(Fraction(2 * seats, 3)):
                    outcome = 0
                elif against > Fraction(seats, 2):
                    outcome = 1
                else:
                    outcome = 2 if favour > Fraction(seats, 2) else 3
                juries.append(outcome)
    standings = []
    for _ in range(40):
        passed, failed = (random.randrange(1 << random.choice([10, 20, 40])) for _ in range(2))
        elapsed = random.randrange(1 << random.choice([10, 20, 24]))
        standings.append([passed, failed, elapsed, *(decayed(count, elapsed) for count in (passed, failed))])
    receipts = []
    for _ in range(6):
        genesis, job, root = (random.randbytes(32) for _ in range(3))
        segment, attempt, finish = random.randrange(4), random.randrange(4), random.randrange(3)
        n_in, n_out = random.randrange(1 << 17), random.randrange(1 << 13)
        payload = b"ogpu/receipt/v1\0" + genesis + job + u32(segment) + bytes([attempt])
        payload += root + u32(n_in) + u32(n_out) + bytes([finish])
        receipts.append(
            {
                "genesis": hexed(genesis),
                "job": hexed(job),
                "segment": segment,
                "attempt": attempt,
                "root": hexed(root),
                "n_in": n_in,
                "n_out": n_out,
                "finish": finish,
                "payload": hexed(payload),
            }
        )
    return {
        "rates": rates,
        "chances": chances,
        "amounts": amounts,
        "premiums": premiums,
        "juries": juries,
        "standings": standings,
        "receipts": receipts,
    }


def decayed(count: int, elapsed: int) -> int:
    """Whole half-lives by shifting, then a line between the sixteenths of one."""
    halvings, rest = divmod(elapsed, 1_296_000)
    part, within = divmod(rest, 81_000)
    points = [round(Decimal(2) ** (32 - Decimal(k) / 16)) for k in (part, part + 1)]
    factor = points[0] + (points[1] - points[0]) * Fraction(within, 81_000)
    return floor((count >> halvings) * factor / 2**32)


# New files go last: all draw from one random sequence.
MAKERS = (
    ("sampler", sampler_vectors),
    ("evidence", evidence_vectors),
    ("money", money_vectors),
    ("audit", audit_vectors),
    ("penalty", penalty_vectors),
)

if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, make in MAKERS:
        text, path = json.dumps(make(), separators=(",", ":")) + "\n", TARGET / f"{name}.json"
        if sys.argv[1:] == ["--check"]:
            if not path.exists() or path.read_text() != text:
                sys.exit(f"{path} differs from what this script makes: run it without --check")
        else:
            path.write_text(text)
            print(f"wrote {path}", file=sys.stderr)
