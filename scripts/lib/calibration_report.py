#!/usr/bin/env python3
"""The report of scripts/calibrate: calibration_report.py DATA OUT MODEL, in the environment that scripts/calibrate makes.

Reads DATA's lines; writes OUT/README.md, its figures, params.json (the proposed thresholds), whitening.scale (the model's table),
costs.json (how long audits took) and results.jsonl.xz (every audit without its sketches).
"""

import json
import lzma
import re
import shutil
import statistics
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

import calibration_figures as figures
import calibration_fits as fits

PROFILES = ("a8", "f16", "bf16")
FILE = re.compile(r"(a8|f16|bf16)-(\d+)-(fit|test)-(.+)-(own|library|dequantised|quantised)-([a-z-]+)\.jsonl")
AUDITORS = {
    "own": "our kernels",
    "library": "the library's kernels",
    "dequantised": "our kernels, f32 activations",
    "quantised": "our kernels, int8 activations",
}
# Writers whose outputs are honest.
HONEST = ("honest", "honest-cut", "honest-batch1", "honest-batch9", "honest-batch32", "honest-prefill64", "honest-prefill1",
          "honest-one-thread", "honest-library")
EARLY = "early stop (share that counts, none fails)"
# name in the table: (writer, what the auditor is told, whose sketches are shown)
VARIANTS = {
    "other model writes, right prefill": ("other-model", "truth", "prefill"),
    "smaller model": ("smaller", "truth", "own"),
    "smaller model writes, right prefill": ("smaller", "truth", "prefill"),
    "4-bit": ("four-bit", "truth", "own"),
    "4-bit writes, right prefill": ("four-bit", "truth", "prefill"),
    "8-bit": ("eight-bit", "truth", "own"),
    "8-bit writes, right prefill": ("eight-bit", "truth", "prefill"),
    "one layer skipped": ("skip-one", "truth", "own"),
    "two layers skipped": ("skip-two", "truth", "own"),
    "other prompt": ("honest", "other-prompt", "own"),
    "prompt one token less": ("honest", "token-less", "own"),
    "truncated": ("honest", "truncated", "own"),
    "padded": ("honest", "padded", "prefill"),
    EARLY: ("honest", "early-stop", "prefill"),
    "replayed sketch": ("honest", "truth", "replayed"),
    "wrong temperature": ("honest", "wrong-temperature", "own"),
    "wrong seed": ("honest", "wrong-seed", "prefill"),
    "greedy for sampled": ("honest", "greedy-for-sampled", "prefill"),
    "lenient speculation, 1/16 logit": ("lenient16", "truth", "own"),
    "lenient speculation, 1/8 logit": ("lenient8", "truth", "own"),
    "lenient speculation, 1/4 logit": ("lenient4", "truth", "own"),
    "lenient speculation, 1/2 logit": ("lenient2", "truth", "own"),
}
# An output counts as full from here on; shorter ones are reported too.
FULL = 256

# Where worker and auditor are known to run our kernels: the bits are equal, so only the grid of the formats is left.
SAME_KERNELS = dict(tau_output_milli=1, tau_chunk_milli=2, step_256=1, border_slack_256=4, honest_rate_ppm=1, min_tokens=32,
                    mean_u_milli=1, mean_e2_ppm=1)


class Results:
    """All audits, by (profile, temperature, set, writer, auditor, told)."""

    def __init__(self, data):
        self.starting = json.loads((data / "starting.json").read_text())
        self.cells = defaultdict(list)
        for path in sorted((data / "audits").glob("*.jsonl")):
            found = FILE.fullmatch(path.name)
            if not found:
                raise SystemExit(f"calibration_report: {path} has no name of ours; move it away")
            profile, temperature, prompts, writer, auditor, told = found.groups()
            with open(path) as file:
                lines = [json.loads(line) for line in file if line.endswith("\n")]
            lines.sort(key=lambda line: line["prompt"])
            key = (profile, int(temperature), prompts, writer, auditor, told)
            self.cells[key] = [fits.Audit(line) for line in lines]
        self.temperatures = sorted({key[1] for key, audits in self.cells.items() if audits}, key=lambda t: (t != 800, t))
        self.profiles = [profile for profile in PROFILES if any(key[0] == profile for key in self.cells)]

    def audits(self, profile, temperature, prompts, writer, auditor="own", told="truth"):
        return self.cells.get((profile, temperature, prompts, writer, auditor, told), [])

    def groups(self, profile, prompts, auditors=AUDITORS, temperatures=None):
        """(audit, "own") of each honest pair by temperature, worker and auditor."""
        found = {}
        for temperature in temperatures or self.temperatures:
            for writer in HONEST:
                for auditor in auditors:
                    audits = self.audits(profile, temperature, prompts, writer, auditor)
                    pairs = [(audit, "own") for audit in audits if "own" in audit.chunks]
                    if pairs:
                        found[temperature, writer, auditor] = pairs
        return found

    def honest(self, profile, prompts, auditors=AUDITORS):
        """The same, all together."""
        return [pair for pairs in self.groups(profile, prompts, auditors).values() for pair in pairs]

    def cheats(self, profile, temperatures):
        """Audits of the fitting set by the name of their cheat: those that the token test is made for."""
        cases = {"4-bit + prefill": ("four-bit", "truth"), "8-bit + prefill": ("eight-bit", "truth"),
                 "wrong temperature": ("honest", "wrong-temperature")}
        found = {name: [audit for temperature in temperatures
                        for audit in self.audits(profile, temperature, "fit", writer, "own", told)]
                 for name, (writer, told) in cases.items()}
        return {name: audits for name, audits in found.items() if audits}

    def same_kernels(self, profile, prompts):
        found = []
        for temperature in self.temperatures:
            for writer in HONEST[:-1]:
                audits = self.audits(profile, temperature, prompts, writer)
                found += [(audit, "own") for audit in audits if "own" in audit.chunks]
        return found

    def variant(self, profile, temperature, name):
        """Audits of a variant on the test set; with `temperature` None those of all temperatures, one a prompt."""
        writer, told, shown = VARIANTS[name]
        by_prompt = {}
        for each in self.temperatures if temperature is None else [temperature]:
            for audit in self.audits(profile, each, "test", writer, "own", told):
                if shown in audit.chunks:
                    by_prompt.setdefault(audit.prompt, audit)
        return [(audit, shown) for _, audit in sorted(by_prompt.items())]


def check_verdicts(results):
    """Our verdicts must be the runtime's: every recorded one is computed again."""
    compared = 0
    for key, audits in results.cells.items():
        for audit in audits:
            for shown, judgement in audit.recorded.items():
                recorded = isinstance(judgement, dict) and "Fail" in judgement
                if recorded != fits.fails(audit, shown, results.starting[key[0]]):
                    raise SystemExit(f"calibration_report: {key}, prompt {audit.prompt}, {shown}: {judgement} is not our verdict")
                compared += 1
    return compared


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def number(value, digits=4):
    return "0" if value == 0 else f"{value:.{digits}f}" if value < 100 else f"{value:.0f}"


def rate(hits, trials):
    low, high = fits.clopper_pearson(hits, trials)
    return f"{hits / trials:.3f} ({low:.3f}–{high:.3f}) of {trials}"


def honest_rows(results):
    rows = []
    for profile in results.profiles:
        for temperature in results.temperatures:
            for writer in HONEST:
                for auditor in AUDITORS:
                    audits = [audit for prompts in ("fit", "test")
                              for audit in results.audits(profile, temperature, prompts, writer, auditor)]
                    if not audits:
                        continue
                    outputs = [audit.e("own") for audit in audits]
                    chunks = np.concatenate([audit.chunk_e("own") for audit in audits])
                    tokens = sum(audit.n_out for audit in audits)
                    margins = np.concatenate([audit.margins for audit in audits]) / fits.Q16
                    step = results.starting[profile]["step_256"]
                    rows.append([
                        profile, temperature / 1000, writer, AUDITORS[auditor], len(audits), len(chunks),
                        f"{number(float(np.median(outputs)))} / {number(max(outputs))}", number(float(chunks.max())),
                        f"{100 * len(margins) / tokens:.2f} %", number(float(margins.max()) if len(margins) else 0),
                        max(audit.x(step) for audit in audits), max(audit.b for audit in audits),
                        sum(fits.fails(audit, "own", results.starting[profile]) for audit in audits),
                    ])
    header = ["profile", "T", "worker", "auditor", "audits", "chunks", "e of an output: median / max", "e of a chunk: max",
              "tokens that lose", "largest margin", "X max", "B max", "failed"]
    return table(header, rows)


def cell_text(name, pairs, params, full_only):
    # Half of an output is never a full one.
    whole = not full_only or name in (EARLY, "truncated")
    chosen = [(audit, shown) for audit, shown in pairs if whole or audit.n_out >= FULL]
    if not chosen:
        return "–"
    seen = [audit.early or fits.fails(audit, shown, params) if name == EARLY else fits.fails(audit, shown, params)
            for audit, shown in chosen]
    return rate(sum(seen), len(chosen))


def detection(results, proposals, temperature, which, full_only):
    rows = []
    for name in VARIANTS:
        row = [name]
        for profile in results.profiles:
            row.append(cell_text(name, results.variant(profile, temperature, name), proposals[profile][which], full_only))
        if any(text != "–" for text in row[1:]):
            rows.append(row)
    return table(["variant", *results.profiles], rows) if rows else ""


def false_positives(results, proposals):
    rows = []
    for profile in results.profiles:
        sets = {
            "starting": (results.honest(profile, "test"), proposals[profile]["starting"]),
            "proposed": (results.honest(profile, "test"), proposals[profile]["proposed"]),
            "same kernels": (results.same_kernels(profile, "test"), proposals[profile]["same kernels"]),
        }
        for name, (pairs, params) in sets.items():
            if not pairs:
                continue
            failed = [audit.prompt for audit, shown in pairs if fits.fails(audit, shown, params)]
            prompts = len({audit.prompt for audit, _ in pairs})
            chunks = sum(len(audit.chunks[shown]) for audit, shown in pairs)
            bound = fits.clopper_pearson(len(set(failed)), prompts, 0.9)[1]
            rows.append([profile, name, len(pairs), chunks, prompts, len(failed), f"{bound:.4f}",
                         f"{fits.bound_without_failure(len(pairs)):.4f}" if not failed else "–"])
    header = ["profile", "thresholds", "honest audits (test set)", "chunks", "prompts", "failed",
              "rate below, prompts as the unit", "rate below, audits as the unit"]
    return table(header, rows)


TOKEN_CHEATS = {"4-bit + prefill": "4-bit writes, right prefill", "8-bit + prefill": "8-bit writes, right prefill",
                "wrong temperature": "wrong temperature", "lenient 1/8": "lenient speculation, 1/8 logit",
                "lenient 1/4": "lenient speculation, 1/4 logit"}


def seen_by(results, profile, test):
    """The share of each cheat's full outputs of the test set that `test` sees."""
    row = []
    for name in TOKEN_CHEATS.values():
        audits = [audit for audit, _ in results.variant(profile, 800, name) if audit.n_out >= FULL]
        row.append(f"{np.mean([test(audit) for audit in audits]):.2f}" if audits else "–")
    return row


def step_rows(results, profile, fitted):
    """What each step of the token test sees on the test set, with the rate fitted on the fitting set."""
    rows = []
    for step, honest_rate, _, worst in fitted:
        test = lambda audit: audit.x(step) >= fits.poisson_limit(honest_rate * audit.n_out) or audit.b >= 3
        rows.append([f"{step}/256", f"{1e6 * honest_rate:.0f}", fits.poisson_limit(honest_rate * 256), f"{worst:.2f}",
                     *seen_by(results, profile, test)])
    return table(["step", "honest rate (ppm, bound)", "k(256)", "worst honest X/k", *TOKEN_CHEATS], rows)


def score_rows(results):
    """The token test with a weight for each class of margins beside X ≥ k(N); weights are fitted on the fitting set."""
    rows, limit = [], np.log(1e7)
    for profile in results.profiles:
        groups, cheats = results.groups(profile, "fit", temperatures=[800]), results.cheats(profile, [800])
        tests = [audit for pairs in results.groups(profile, "test", temperatures=[800]).values() for audit, _ in pairs]
        if not groups or not cheats or not tests:
            continue
        weights = {name: fits.score_weights(groups, audits) for name, audits in cheats.items()}
        for name, chosen in [*((name, [one]) for name, one in weights.items()), ("all together", list(weights.values()))]:
            worst = max(fits.score(audit, chosen) for audit in tests) / limit
            rows.append([profile, name, f"{worst:.2f}",
                         *seen_by(results, profile, lambda audit: fits.score(audit, chosen) >= limit)])
    return table(["profile", "weights for", "worst honest score / limit", *TOKEN_CHEATS], rows) if rows else ""


def tails(results, profile, out):
    """Fits of the honest tails on kernels that differ, with a figure; None without such pairs."""
    pairs = [pair for auditor in ("library", "dequantised") for prompts in ("fit", "test")
             for pair in results.honest(profile, prompts, (auditor,))]
    if not pairs:
        return None
    chunks = np.concatenate([audit.chunk_e(shown) for audit, shown in pairs])
    margins = np.concatenate([audit.margins for audit, _ in pairs]) / fits.Q16
    rows = []
    for name, values in (("e of a chunk", chunks), ("margin of a token that loses (logit)", margins)):
        found = fits.tail(values) if len(values) else None
        if not found:
            continue
        quantile = found["quantile_1e-6"]
        rows.append([name, len(values), number(found["threshold"]), found["exceedances"], number(found["exponential_mean"]),
                     f"{found['pareto_shape']:.2f}", number(float(np.max(values))), number(quantile["exponential"]),
                     number(quantile["pareto"])])
    figures.tails(out / f"tails-{profile}.svg", profile, chunks, margins)
    header = ["value", "n", "90 % quantile", "above it", "exponential mean", "Pareto shape", "largest seen",
              "1e-6 quantile, exponential", "1e-6 quantile, Pareto"]
    return table(header, rows) if rows else None


def soft_rows(results, proposals):
    rows = []
    for profile in results.profiles:
        params = proposals[profile]["proposed"]
        honest = [pair[0] for auditor in ("library", "dequantised") for pair in results.honest(profile, "test", (auditor,))]
        cases = [("honest, other kernels", honest, "own")] if honest else []
        for name in ("8-bit", "8-bit writes, right prefill", "4-bit writes, right prefill", "prompt one token less",
                     "lenient speculation, 1/16 logit", "lenient speculation, 1/8 logit"):
            pairs = results.variant(profile, 800, name)
            if pairs:
                cases.append((name, [audit for audit, _ in pairs], pairs[0][1]))
        for name, audits, shown in cases:
            reached = [fits.audits_until(audits, shown, params, level, most=3000) for level in (1e3, 1e6, 1e9)]
            rows.append([profile, name, *("never in 3,000" if count is None else count for count in reached)])
    return table(["profile", "work", "audited more", "precision not as declared", "removed"], rows)


def cost_lines(data):
    """The rounds of the phase `cost` by profile."""
    found = {}
    for path in sorted((data / "cost").glob("*.jsonl")):
        lines = [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
        if lines:
            found[path.stem] = lines
    return found


def costs(data):
    rows = []
    for profile, lines in cost_lines(data).items():
        total = {name: sum(line[name] for line in lines) for name in lines[0] if isinstance(lines[0][name], (int, float))}

        def added(name):
            shares = [100 * (line[f"{name}_evidence"] / line[name] - 1) for line in lines]
            return f"{statistics.median(shares):+.1f} % ({min(shares):+.0f} to {max(shares):+.0f})"

        rows.append([
            profile, lines[0]["threads"], len(lines), total["input_tokens"], total["output_tokens"],
            f"{total['output_tokens'] / total['one_stream']:.0f} / {total['output_tokens'] / total['eight_streams']:.0f}",
            f"{100 * total['audits'] / total['one_stream']:.0f} %", f"{100 * total['audits'] / total['eight_streams']:.0f} %",
            added("one_stream"), added("eight_streams"),
        ])
    if not rows:
        return ""
    header = ["profile", "threads", "rounds", "input tokens", "output tokens", "tokens/s: one / eight streams",
              "audit, of one stream", "audit, of eight streams", "evidence adds: one stream", "eight streams"]
    return table(header, rows)


def bit_equality(results):
    rows = []
    for profile in results.profiles:
        pairs = results.same_kernels(profile, "fit") + results.same_kernels(profile, "test")
        if pairs:
            moved = sum(bool(len(audit.margins)) or audit.e(shown) > 0 for audit, shown in pairs)
            tokens = sum(audit.n_out for audit, _ in pairs)
            rows.append([profile, len(pairs), sum(len(audit.chunks[shown]) for audit, shown in pairs), tokens, moved])
    return table(["profile", "audits", "chunks", "tokens", "audits with any difference"], rows)


def proposals_of(results):
    found, fitted = {}, {}
    for profile in results.profiles:
        starting = results.starting[profile]
        groups, cheats = results.groups(profile, "fit"), results.cheats(profile, results.temperatures)
        proposed, steps, seen = fits.propose(starting, groups, cheats) if groups else (starting, [], None)
        found[profile] = {"starting": starting, "proposed": proposed, "same kernels": {**starting, **SAME_KERNELS, "version": 2}}
        fitted[profile] = (steps, seen)
    return found, fitted


def publish(results, data, out):
    """Every audit without its sketches, compressed."""
    lines = []
    for path in sorted((data / "audits").glob("*.jsonl")):
        for line in open(path):
            if line.endswith("\n"):
                entry = json.loads(line)
                # Those that were published before have none.
                entry.pop("sketches", None)
                for shown in entry["evidence"].values():
                    shown["verdict"] = shown.pop("findings")["judgement"]
                lines.append(json.dumps({"cell": path.stem, **entry}, separators=(",", ":")))
    with lzma.open(out / "results.jsonl.xz", "wt", preset=9) as file:
        file.write("\n".join(lines) + "\n")
    return len(lines)


# What a calibration has to show: name, variants.
AIMS = {
    "4-bit ≥ 0.99": ("4-bit",),
    "smaller model ≥ 0.99": ("smaller model",),
    "skipped layers ≥ 0.99": ("one layer skipped", "two layers skipped"),
    "wrong sampler ≥ 0.99": ("wrong temperature", "wrong seed"),
    "other model, smaller model or 4-bit writes, right prefill": (
        "other model writes, right prefill", "smaller model writes, right prefill", "4-bit writes, right prefill"),
    "8-bit ≥ 0.99 (asked of f16)": ("8-bit",),
    "8-bit writes, right prefill": ("8-bit writes, right prefill",),
}


def summary(results, proposals):
    """The aims beside what was reached, on full outputs at all temperatures."""
    rows = []
    for profile in results.profiles:
        for which in ("proposed", "same kernels"):
            row = [profile, which]
            pairs = results.honest(profile, "test") if which == "proposed" else results.same_kernels(profile, "test")
            params = proposals[profile][which]
            row.append(f"{sum(fits.fails(audit, shown, params) for audit, shown in pairs)} of {len(pairs)}")
            for variants in AIMS.values():
                chosen = [pair for name in variants for pair in results.variant(profile, None, name) if pair[0].n_out >= FULL]
                seen = sum(fits.fails(audit, shown, params) for audit, shown in chosen)
                row.append(f"{seen / len(chosen):.3f} of {len(chosen)}" if chosen else "–")
            rows.append(row)
    return table(["profile", "thresholds", "honest failures", *AIMS], rows)


def write(data, out, model):
    results = Results(data)
    if not results.profiles:
        raise SystemExit("calibration_report: nothing was measured yet; run scripts/calibrate")
    out.mkdir(parents=True, exist_ok=True)
    compared = check_verdicts(results)
    proposals, fitted = proposals_of(results)
    published = publish(results, data, out)
    shutil.copyfile(data / "whitening.scale", out / "whitening.scale")
    (out / "costs.json").write_text(json.dumps(cost_lines(data), indent=1) + "\n")
    (out / "params.json").write_text(json.dumps(
        {profile: {name: params for name, params in found.items()} for profile, found in proposals.items()}, indent=1) + "\n")

    text = [f"# Calibration of {model}\n"]
    text.append(
        "Made by `scripts/calibrate`; [docs/verification.md](../../verification.md) explains the terms. Thresholds are fitted on one "
        "set of prompts (`fit`) and everything below is reported on another (`test`) unless it says otherwise. One audit is one "
        "output of at most 256 tokens; intervals are Clopper–Pearson at 95 %, one audit a prompt. "
        f"All {published} audits are in `results.jsonl.xz`; {compared} verdicts of the runtime's own function were computed again "
        "by the report and agree.\n")
    text.append("## Summary\n\nShare of audits that dissent, all temperatures, outputs of 256 tokens, test set. `proposed` holds between kernels "
                "that differ, `same kernels` where worker and auditor run ours. Intervals are in the tables below.\n")
    text.append(summary(results, proposals))
    text.append("## Same kernels: the bits are equal\n\nDecoding at 1, 8, 9 or 32 streams, the input in pieces of 512, 64 or 1 "
                "token, one or two threads, against one prefill on our CPU kernels:\n")
    text.append(bit_equality(results))
    text.append("## Honest work in other arithmetic order\n\nBoth sets. `failed` is under the starting thresholds.\n")
    text.append(honest_rows(results))
    text.append("## False positives\n\nPrompts are the unit of independence: audits of one prompt in several temperatures and "
                "pairs of kernels agree with each other. Bounds are one-sided at 95 %.\n")
    text.append(false_positives(results, proposals))
    text.append("## Proposed thresholds\n\nτ is 1.8 × the largest honest e of the fitting set, the step is the one that sees most of "
                "the 4-bit and 8-bit writers and wrong temperatures of the fitting set while no honest output comes nearer than 1/1.8 to its limit. "
                "`same kernels` holds where both sides are known to run our kernels.\n")
    keys = [key for key in results.starting[results.profiles[0]] if key not in ("profile", "version", "kept_of_32", "sketch_units",
                                                                         "embed_tolerance_ppm", "slash_enabled")]
    rows = [[profile, name, *(params[key] for key in keys)] for profile in results.profiles
            for name, params in proposals[profile].items()]
    text.append(table(["profile", "thresholds", *(key.replace("_", " ") for key in keys)], rows))
    for profile in results.profiles:
        seen = fitted[profile][1]
        if seen:
            allowed = results.starting[profile]["tau_output_milli"] / 1000
            text.append(f"{profile}: largest honest e of an output on the fitting set {seen['e_output']:.4f}, of a chunk "
                        f"{seen['e_chunk']:.4f}, largest margin {seen['margin_256'] / 256:.3f} logit; the starting τ {allowed} is "
                        f"{allowed / seen['e_output']:.1f} × that.\n" if seen["e_output"] else f"{profile}: no honest difference.\n")
    kinds = {"starting": "starting thresholds", "proposed": "proposed thresholds", "same kernels": "thresholds for the same kernels"}
    whole = "outputs of 256 tokens"
    for temperature in [None, *results.temperatures]:
        where = "all temperatures, one audit a prompt" if temperature is None else f"T = {temperature / 1000}"
        tables = [(which, f"{words}, {whole}", True) for which, words in kinds.items()]
        for which, words, full_only in [*tables, ("proposed", "proposed thresholds, outputs of any length", False)]:
            shown = detection(results, proposals, temperature, which, full_only)
            if shown:
                text.append(f"## Detection, {where}, {words}\n\nShare of audits that dissent.\n")
                text.append(shown)
    text.append("## The step of the token test\n\nTemperature 0.8, full outputs of the test set; rates fitted on the fitting set.\n")
    for profile in results.profiles:
        if fitted[profile][0]:
            text.append(f"### {profile}\n")
            text.append(step_rows(results, profile, fitted[profile][0]))
    shown = score_rows(results)
    if shown:
        text.append("## A weight for every margin instead of one step\n\nThe likelihood ratio of a token's margin between the "
                    "writer named and honest work at its upper bound; an output fails when the product over its tokens reaches 10⁷, "
                    "which honest work does with at most 10⁻⁷. Same data and columns as above.\n")
        text.append(shown)
    text.append("## Running sums\n\nAudits until a running sum of the proposed thresholds asks for something; work is drawn from the "
                "test set again and again.\n")
    text.append(soft_rows(results, proposals))
    text.append("## Tails\n\nHonest work on differing kernels, all temperatures: what lies above the 90 % quantile.\n")
    for profile in results.profiles:
        shown = tails(results, profile, out)
        if shown:
            text.append(f"### {profile}\n\n{shown}\n![tails](tails-{profile}.svg)\n")
    text.append("## Pictures\n")
    for profile in results.profiles:
        groups = {"honest, same kernels": results.same_kernels(profile, "test"),
                  "honest, other kernels": [pair for auditor in ("library", "dequantised")
                                            for pair in results.honest(profile, "test", (auditor,))]}
        groups.update({name: results.variant(profile, 800, name) for name in
                       ("8-bit", "4-bit", "smaller model", "other prompt", "prompt one token less")})
        figures.sketches(out / f"sketches-{profile}.svg", profile, groups, proposals[profile])
        groups = {name: [pair for pair in results.variant(profile, 800, name)] for name in
                  ("8-bit writes, right prefill", "4-bit writes, right prefill", "smaller model writes, right prefill",
                   "wrong temperature", "lenient speculation, 1/8 logit")}
        groups = {"honest, other kernels": [pair for auditor in ("library", "dequantised")
                                            for pair in results.honest(profile, "test", (auditor,))], **groups}
        figures.tokens(out / f"tokens-{profile}.svg", profile, groups, proposals[profile])
        text.append(f"![sketches](sketches-{profile}.svg)\n\n![tokens](tokens-{profile}.svg)\n")
    shown = costs(data)
    if shown:
        text.append("## Cost\n\nThe time of an audit beside that of the generation which it checks: eight prompts a round, without and with "
                    "evidence in turn. What evidence adds is less than the noise of whole rounds, of which the range is given; "
                    "`scripts/bench-engine` measures it token by token.\n")
        text.append(shown)
    (out / "README.md").write_text("\n".join(text))
    print(out / "README.md")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    write(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
