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


def chacha8_word(key: bytes, stream: int, word: int) -> int:
    counter, place = divmod(word, 16)
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
    return (state[place] + start[place]) & 0xFFFFFFFF


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
        protocol, premium = part(price, rates[0]), part(price, rates[3])
        validators, treasury = part(protocol, rates[1]), part(protocol, rates[2])
        shares = [price - protocol - premium, validators, treasury, protocol - validators - treasury + premium]
        splits.append({"price": str(price), "rates": rates, "shares": list(map(str, shares))})
    for era, halving in ((0, 10), (9, 10), (10, 10), (1_459, 1_460), (1_460, 1_460), (100_000, 10), (5, 1), (3, 0)):
        initial = 467 * 10**18 + 123
        budgets.append({"era": era, "initial": str(initial), "halving": halving, "budget": str(initial >> era // max(halving, 1))})
    return {"prices": prices, "splits": splits, "budgets": budgets}


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, make in (("sampler", sampler_vectors), ("evidence", evidence_vectors), ("money", money_vectors)):
        text, path = json.dumps(make(), separators=(",", ":")) + "\n", TARGET / f"{name}.json"
        if sys.argv[1:] == ["--check"]:
            if not path.exists() or path.read_text() != text:
                sys.exit(f"{path} differs from what this script makes: run it without --check")
        else:
            path.write_text(text)
            print(f"wrote {path}", file=sys.stderr)
