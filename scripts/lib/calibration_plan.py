"""The order of calibration: what is most wanted first, so that a run which is stopped early has measured that."""

SET_SIZE = 320
# Reported at any sizes; a few prompts show whether the bits are equal.
HONEST_WAYS = ["honest-batch1", "honest-batch9", "honest-batch32", "honest-prefill64", "honest-prefill1", "honest-one-thread"]
CHEATS = ["four-bit", "eight-bit", "skip-one", "skip-two", "smaller"]
LENIENT = ["lenient16", "lenient8", "lenient4", "lenient2"]
SAMPLED = ("wrong-seed", "wrong-temperature")
TOLD = ["other-prompt", "token-less", "wrong-seed", "wrong-temperature", "truncated", "padded", "early-stop"]


# Each temperature begins with other prompts, so that up to 106 audits of each are of prompts that the others do not have.
FIRST_PROMPT = {800: 0, 0: 107, 1000: 214}


def cell(phase, profile, temperature, count, prompts="test", writer="honest", first=None, **more):
    first = FIRST_PROMPT.get(temperature, 0) if first is None else first
    arguments = [phase, "--profile", profile, "--temperature", str(temperature), "--count", str(count)]
    arguments += ["--first", str(first), "--set", prompts, "--writer", writer]
    for name, value in more.items():
        arguments += [f"--{name}", value]
    return arguments


def written(profile, temperature, count, prompts, writer):
    """Outputs of a writer and their audits by our own kernels."""
    yield cell("generate", profile, temperature, count, prompts, writer)
    yield cell("audit", profile, temperature, count, prompts, writer)


def honest(profile, temperature, fit_count, test_count, slow):
    """Honest work on both sets. `slow` is the number of audits on kernels that are slow for this profile."""
    for prompts, count in (("fit", fit_count), ("test", test_count)):
        yield from written(profile, temperature, count, prompts, "honest")
        auditors = {"a8": [("dequantised", count), ("library", slow)], "f16": [("library", count)], "bf16": [("library", count)]}
        for auditor, number in auditors[profile]:
            yield cell("audit", profile, temperature, number, prompts, auditor=auditor)


def told(profile, temperature, count):
    """Honest outputs of which the auditor is told something else."""
    for what in TOLD:
        # Greedy decoding has neither noise nor another temperature.
        if temperature != 0 or what not in SAMPLED:
            yield cell("audit", profile, temperature, count, told=what)
    if temperature == 0:
        yield cell("audit", profile, temperature, count, told="greedy-for-sampled")


def told_at_few_temperatures(profile, temperatures, count):
    """More of what is possible at some temperatures only, until each has as many audits as the others have in all."""
    total = min(SET_SIZE, len(temperatures) * count)
    sampled = [temperature for temperature in temperatures if temperature != 0]
    for number, temperature in enumerate(sampled):
        first = number * SET_SIZE // len(sampled)
        for what in SAMPLED:
            yield cell("audit", profile, temperature, total // len(sampled), first=first, told=what)
    if 0 in temperatures:
        yield cell("audit", profile, 0, total, first=0, told="greedy-for-sampled")


def ways(profile, temperature, count):
    """Other honest ways of computing."""
    for writer in HONEST_WAYS:
        yield from written(profile, temperature, count, "test", writer)
    for prompts in ("fit", "test"):
        yield from written(profile, temperature, 2 * count, prompts, "honest-cut")
        if profile != "a8":
            yield cell("audit", profile, temperature, 2 * count, prompts, "honest-cut", auditor="library")
    yield from written(profile, temperature, count if profile != "a8" else 4, "test", "honest-library")


def cheats(profile, temperature, count, writers):
    for writer in writers:
        yield from written(profile, temperature, count, "test", writer)


def level(profiles, temperatures, honest_count, cheat_count, slow, full, lenient_count=None):
    """Everything for these profiles and temperatures, up to these counts."""
    pairs = [(profile, temperature) for temperature in temperatures for profile in profiles]
    for profile, temperature in pairs:
        # Thresholds are fitted on all temperatures together, and none differs from another in how logits are computed.
        whole = full or temperature == temperatures[0]
        fit_count = honest_count if whole else min(honest_count, 48)
        yield from honest(profile, temperature, fit_count, honest_count, slow if whole else 0)
    for profile, temperature in pairs:
        yield from cheats(profile, temperature, cheat_count, CHEATS[:2])
        # The step of the token test is chosen on the fitting set, where it needs the cheats that it is for.
        fitted = min(cheat_count, 64 if temperature == temperatures[0] else 32)
        yield from written(profile, temperature, fitted, "fit", "four-bit")
        yield from written(profile, temperature, fitted, "fit", "eight-bit")
        if temperature != 0:
            yield cell("audit", profile, temperature, fitted, "fit", told="wrong-temperature")
    for profile, temperature in pairs:
        yield from told(profile, temperature, cheat_count)
    for profile, temperature in pairs:
        yield from cheats(profile, temperature, cheat_count, CHEATS[2:])
    for profile, temperature in pairs:
        # How the logits are computed has nothing to do with what is drawn from them.
        if temperature == temperatures[0]:
            yield from ways(profile, temperature, 16)
        # Two models write each of these, so they cost the most.
        yield from cheats(profile, temperature, lenient_count or cheat_count, LENIENT)


def steps(profiles, temperatures, audits, full):
    """Arguments of each call, in order. Counts only grow, so a later step of the same cell goes on where one ended."""
    most = SET_SIZE if full else audits
    slow = SET_SIZE if full else 32
    first = temperatures[:1]
    yield ["starting"]
    yield ["whiten"]
    few = lambda count: min(count, most)
    yield from level(profiles[:2], first, few(160), few(64), 0, full, few(24))
    for profile in profiles[:2]:
        yield from cheats(profile, first[0], few(24), ["other-model"])
    yield from level(profiles, first, few(96), few(48), 0, full, few(16))
    for profile in profiles:
        yield cell("cost", profile, first[0], 4)
    yield from level(profiles, temperatures, few(48), few(32), 0, full, few(16))
    yield from level(profiles[:2], first, most, most, slow, full)
    yield from level(profiles, temperatures, most, most, slow, full)
    for temperature in temperatures:
        for profile in profiles:
            yield from cheats(profile, temperature, most, ["other-model"])
    for profile in profiles:
        yield from told_at_few_temperatures(profile, temperatures, most)
