"""The statistics of calibration: verdicts as primitives/src/judge.rs gives them, intervals, tails, thresholds."""

import math

import numpy as np
from scipy import stats

Q16 = 65536
HARD_Q16 = 512 << 8
HARD_TOKENS = 3
TAIL = 1e-7
# Thresholds stay this far above the largest honest value that was seen.
SAFETY = 1.8


class Audit:
    """One audit: margins in Q16.16 by position, and (Σ(a−b)², Σb²) of each chunk by whose sketches were shown."""

    def __init__(self, line):
        self.prompt = line["prompt"]
        self.n_in, self.n_out = line["n_in"], line["n_out"]
        self.contradicted = line["ending"] == "Contradicted"
        end = line["ending"].get("EndToken") if isinstance(line["ending"], dict) else None
        self.early = bool(end) and end["margin_64"] >= 128
        self.margins = np.array([margin for _, margin in line["margins"]], dtype=np.int64)
        self.chunks = {name: np.array(shown["chunks"], dtype=np.float64).reshape(-1, 2) for name, shown in line["evidence"].items()}
        self.recorded = {name: shown["findings"]["judgement"] for name, shown in line["evidence"].items()}
        self.tallies = [(tally["u"], tally["x"], tally["b"]) for tally in line["tallies"]]
        self.seconds = line["seconds"]

    def x(self, step_256):
        return int((self.margins > (step_256 << 8)).sum())

    @property
    def b(self):
        return int((self.margins >= HARD_Q16).sum())

    @property
    def u(self):
        return int(np.minimum(self.margins >> 10, 32).sum())

    def e(self, shown):
        """e over all chunks."""
        squares, reference = self.chunks[shown].sum(axis=0)
        return math.sqrt(squares / reference) if reference else math.inf

    def chunk_e(self, shown):
        chunks = self.chunks[shown]
        return np.sqrt(chunks[:, 0] / np.maximum(chunks[:, 1], 1))


def poisson_limit(mean):
    """The smallest k with P(X ≥ k) ≤ 1e-7."""
    k = max(1, math.floor(mean))
    while stats.poisson.sf(k - 1, mean) > TAIL:
        k += 1
    while k > 1 and stats.poisson.sf(k - 2, mean) <= TAIL:
        k -= 1
    return k


def token_limit(params, tokens):
    """k(N); None where the output is too short to be failed by its tokens."""
    if tokens < params["min_tokens"]:
        return None
    return poisson_limit(params["honest_rate_ppm"] * tokens / 1e6)


def sketch_fails(audit, shown, params):
    chunks = audit.chunks[shown]
    if (chunks[:, 0] * 1e6 > params["tau_chunk_milli"] ** 2 * chunks[:, 1]).any():
        return True
    squares, reference = chunks.sum(axis=0)
    return squares * 1e6 > params["tau_output_milli"] ** 2 * reference


def tokens_fail(audit, params):
    limit = token_limit(params, audit.n_out)
    return limit is not None and (audit.x(params["step_256"]) >= limit or audit.b >= HARD_TOKENS)


def fails(audit, shown, params):
    """Whether the auditor dissents; `shown` None leaves the sketches out."""
    if audit.contradicted:
        return True
    if shown is not None and sketch_fails(audit, shown, params):
        return True
    return tokens_fail(audit, params)


def clopper_pearson(hits, trials, level=0.95):
    """The exact two-sided interval of a rate."""
    if trials == 0:
        return 0.0, 1.0
    rest = (1 - level) / 2
    low = 0.0 if hits == 0 else stats.beta.ppf(rest, hits, trials - hits + 1)
    high = 1.0 if hits == trials else stats.beta.ppf(1 - rest, hits + 1, trials - hits)
    return float(low), float(high)


def bound_without_failure(trials, level=0.95):
    """The largest rate that no failure in `trials` leaves open."""
    return 1.0 if trials == 0 else 1 - (1 - level) ** (1 / trials)


def cluster_bound(values, weights, clusters, level=0.975, rounds=2000):
    """Upper bound of Σ values / Σ weights when whole clusters (prompts) are drawn again."""
    names, at = np.unique(clusters, return_inverse=True)
    tops, bottoms = np.bincount(at, values), np.bincount(at, weights)
    random = np.random.default_rng(1)
    drawn = random.integers(0, len(names), (rounds, len(names)))
    return float(np.quantile(tops[drawn].sum(axis=1) / np.maximum(bottoms[drawn].sum(axis=1), 1e-12), level))


def tail(values, share=0.1):
    """Exponential and generalised Pareto fits of what lies above the (1 − share) quantile; None with fewer than 30."""
    values = np.asarray(values, dtype=float)
    threshold = float(np.quantile(values, 1 - share)) if len(values) else 0.0
    above = values[values > threshold] - threshold
    if len(above) < 30 or above.max() <= 0:
        return None
    shape, _, scale = stats.genpareto.fit(above, floc=0)
    exceed = len(above) / len(values)
    at = lambda rate: float(threshold + stats.genpareto.isf(rate / exceed, shape, scale=scale))
    mean = float(above.mean())
    return {
        "threshold": threshold,
        "exceedances": len(above),
        "share": exceed,
        "exponential_mean": mean,
        "pareto_shape": float(shape),
        "pareto_scale": float(scale),
        "quantile_1e-6": {"exponential": threshold + mean * math.log(exceed / 1e-6), "pareto": at(1e-6)},
    }


def by_group(groups, bound):
    """The largest `bound(audits, sketches)` of any honest pair: a mean over all would hide the noisiest behind the exact."""
    large = [pairs for pairs in groups.values() if len(pairs) >= 20] or list(groups.values())
    return max(bound([audit for audit, _ in pairs], [shown for _, shown in pairs]) for pairs in large)


def rate_bound(groups, count):
    """Upper bound of `count(audit)` per token of honest work: the cluster bootstrap's of the noisiest pair, and at least what
    no event at all in the outputs of all pairs that can differ leaves open."""
    def bootstrap(audits, _):
        counts, tokens = np.array([[count(audit), audit.n_out] for audit in audits], dtype=float).T
        return cluster_bound(counts, tokens, np.array([audit.prompt for audit in audits]))

    # On the same kernels no difference is possible, so that their outputs say nothing of how rare one is.
    differ = [pairs for (_, writer, auditor), pairs in groups.items() if auditor != "own" or writer == "honest-library"]
    tokens = sum(audit.n_out for pairs in differ or groups.values() for audit, _ in pairs)
    return max(by_group(groups, bootstrap), 3.0 / tokens)


def choose_step(groups, cheats, steps=(1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)):
    """Every step of the token test (1/256 logit) on the fitting set.

    `groups` are the honest pairs, `cheats` audits by the name of their cheat. An entry is (step, honest rate per token,
    mean share of each cheat's outputs with X ≥ k(N), largest X/k(N) of an honest output).
    """
    table = []
    for step in steps:
        rate = rate_bound(groups, lambda audit: audit.x(step))
        if rate > 0.1:
            continue
        ratio = lambda audit: audit.x(step) / poisson_limit(rate * audit.n_out)
        seen = [np.mean([ratio(audit) >= 1 for audit in audits if audit.n_out >= 64] or [0]) for audits in cheats.values()]
        worst = max(ratio(audit) for pairs in groups.values() for audit, _ in pairs)
        table.append((step, rate, float(np.mean(seen)) if seen else 0.0, worst))
    return table


# Upper borders of the margins' classes, in logits; the first class are the tokens that win.
CLASSES = np.array([0, 1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2]) * Q16


def classes(audit):
    """How many tokens of each class an output has."""
    counts = np.bincount(np.searchsorted(CLASSES, audit.margins, side="left"), minlength=len(CLASSES) + 1)
    counts[0] += audit.n_out - len(audit.margins)
    return counts


def score_weights(groups, cheats):
    """ln(share among `cheats` / largest share that honest work has) of each class.

    With these weights the mean of e^score of a token is at most 1 for honest work, so that a sum over an output reaches
    ln(1e7) with at most 1e-7 (Ville): the test of X ≥ k(N) with a weight for every class instead of one step.
    """
    share = [rate_bound(groups, lambda audit: classes(audit)[k]) for k in range(1, len(CLASSES) + 1)]
    theirs = sum(classes(audit) for audit in cheats).astype(float) + 0.5
    return np.log(theirs / theirs.sum() / np.array([1.0, *share]))


def score(audit, weights):
    """ln of the mean over all `weights` of the likelihood ratio; a mean of such ratios keeps their bound."""
    scores = np.array([classes(audit) @ one for one in weights])
    return float(np.logaddexp.reduce(scores) - math.log(len(scores)))


def propose(starting, groups, cheats):
    """`starting` with what the fitting set says. `groups`: (audit, whose sketches) of each honest pair."""
    pairs = [pair for group in groups.values() for pair in group]
    output = max(audit.e(shown) for audit, shown in pairs)
    chunk = max(audit.chunk_e(shown).max() for audit, shown in pairs)
    table = choose_step(groups, cheats)
    # No honest output that was seen may come near its limit.
    usable = [row for row in table if row[3] <= 1 / SAFETY] or table[-1:]
    best = max(usable, key=lambda row: (round(row[2], 2), row[0]))
    mean_u = rate_bound(groups, lambda audit: audit.u)

    def e2_bound(audits, shown):
        squares = np.array([audit.e(name) ** 2 for audit, name in zip(audits, shown)])
        return cluster_bound(squares, np.ones(len(squares)), np.array([audit.prompt for audit in audits]))

    margin = max((audit.margins.max() for audit, _ in pairs if len(audit.margins)), default=0) / 256
    proposal = {
        **starting,
        "version": starting["version"] + 1,
        "tau_output_milli": max(1, math.ceil(1000 * SAFETY * output)),
        "tau_chunk_milli": max(2, math.ceil(1000 * SAFETY * chunk)),
        "step_256": best[0],
        "border_slack_256": min(1024, max(4, math.ceil(SAFETY * min(margin, 512)))),
        "honest_rate_ppm": max(1, math.ceil(1e6 * best[1])),
        "mean_u_milli": max(1, math.ceil(1000 * mean_u)),
        "mean_e2_ppm": max(1, math.ceil(1e6 * by_group(groups, e2_bound))),
        "slash_enabled": False,
    }
    proposal["tau_chunk_milli"] = max(proposal["tau_chunk_milli"], proposal["tau_output_milli"])
    # The shortest output whose tokens can be judged: its limit lies below a quarter of its tokens.
    proposal["min_tokens"] = next(n for n in range(32, 8193, 32) if poisson_limit(best[1] * n) <= n / 4)
    return proposal, table, {"e_output": output, "e_chunk": chunk, "margin_256": margin}


def audits_until(audits, shown, params, level, most=20000):
    """How many audits the running sums (primitives/src/running_sum.rs) need to reach `level`; None beyond `most`."""
    fractions = np.array([1, 4, 12]) / 16
    sums = {"tokens": [np.zeros(3), 0], "sketches": [np.zeros(3), 0]}

    def add(kind, value, mean):
        capital, seen = sums[kind]
        seen += 1
        capital = (capital + 1 / (seen * (seen + 1))) * (1 - fractions + fractions * min(value / mean, 8))
        sums[kind] = [np.minimum(capital, 4e9), seen]
        return capital.mean() >= level

    order = np.random.default_rng(2).integers(0, len(audits), most)
    for count, at in enumerate(order, 1):
        audit = audits[at]
        u = sum(tally[0] for tally in audit.tallies)
        reached = add("tokens", 1000 * u, audit.n_out * params["mean_u_milli"])
        if shown in audit.chunks:
            reached |= add("sketches", 1e6 * audit.e(shown) ** 2, params["mean_e2_ppm"])
        if reached:
            return count
    return None
