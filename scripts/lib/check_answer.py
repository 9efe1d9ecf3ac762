#!/usr/bin/env python3
"""Compares what a job gave (JSON of `ogpu job submit`) with the golden files of other implementations.

  check_answer.py question ANSWER.json GOLDEN.json   token ids equal llama.cpp's greedy ids of the same chat
  check_answer.py replicas ANSWER.json GOLDEN.json   the same of both replicas, which agree and are of different workers
  check_answer.py embedding ANSWER.json GOLDEN.json  cosine of at least 0.9999 with the golden vector
All also check that the ledger sums up to the planck.
"""

import json
import math
import sys

LEDGER_PARTS = ("held", "provider", "validators", "treasury", "audit_fund", "audit_premium", "refunded")


def check_ledger(answer):
    ledger = {name: int(planck) for name, planck in answer["ledger"].items() if name != "unit"}
    parts = sum(ledger[name] for name in LEDGER_PARTS)
    assert ledger["escrowed"] == parts > 0, f"{ledger} does not sum up"
    assert answer["state"] == "Settled", answer["state"]
    assert ledger["held"] == 0 and ledger["provider"] > 0, ledger
    price = ledger["escrowed"] - ledger["refunded"]
    fee = price - ledger["provider"] - ledger["audit_premium"]
    assert fee == price * 50_000 // 1_000_000, f"{fee} of {price} is not the protocol fee"


def check_question(answer, golden):
    prompt = next(p for p in golden["prompts"] if p.get("messages", [{}])[-1].get("content", "").startswith("What is the capital"))
    expected = [i for i in prompt["greedy_ids"] if i not in golden["end_tokens"]]
    found = [i for i in answer["token_ids"] if i not in golden["end_tokens"]]
    assert answer["n_in"] == len(prompt["ids"]), (answer["n_in"], len(prompt["ids"]))
    assert found == expected[: len(found)] and len(found) >= 6, (found, expected)


def check_replicas(answer, golden):
    replicas = answer["replicas"]
    for replica in replicas:
        check_ledger(replica)
        check_question(replica, golden)
    first, second = replicas
    assert first["job"] != second["job"] and first["worker"] != second["worker"], (first["worker"], second["worker"])
    # Two machines of one kind make the same sketches to the last bit.
    found = answer["comparison"]
    assert (found["agree"], found["arithmetic"], found["in_doubt"]) == (True, "near", False), found


def check_embedding(answer, golden):
    sentence = golden["sentences"][0]
    a, b = answer["vector"], sentence["vector"]
    cosine = sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))
    assert len(a) == len(b) and cosine >= 0.9999, cosine


kind, answer_file, golden_file = sys.argv[1:]
with open(answer_file) as file:
    answer = json.load(file)
with open(golden_file) as file:
    golden = json.load(file)
check_ledger(answer)
{"question": check_question, "replicas": check_replicas, "embedding": check_embedding}[kind](answer, golden)
print(f"{kind}: equals {golden['model']}'s golden file; the ledger sums up", file=sys.stderr)
