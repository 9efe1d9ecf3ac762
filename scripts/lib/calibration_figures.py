"""Figures of the calibration report, as SVG."""

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
from scipy.stats import genpareto  # noqa: E402

import calibration_fits as fits  # noqa: E402

# More points of one group make a file larger and no picture clearer.
MOST_POINTS = 400

# The same bytes for the same data.
matplotlib.rcParams["svg.hashsalt"] = "calibration"


def save(figure, path):
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def rows(groups):
    return {name: pairs for name, pairs in groups.items() if pairs}


def strips(path, title, label, groups, lines, logarithmic):
    """One row of points a group, with thresholds as vertical lines."""
    groups = rows(groups)
    if not groups:
        return
    figure, axes = plt.subplots(figsize=(9, 1.2 + 0.45 * len(groups)))
    random = np.random.default_rng(5)
    for row, (name, values) in enumerate(groups.items()):
        values = np.asarray(values, dtype=float)
        if len(values) > MOST_POINTS:
            # The largest stays: it is what thresholds are made of.
            values = np.append(random.choice(values, MOST_POINTS - 1, replace=False), values.max())
        shown = np.maximum(values, 2e-4) if logarithmic else values
        axes.plot(shown, row + random.uniform(-0.28, 0.28, len(values)), ".", markersize=2.5, alpha=0.5, color=f"C{row}")
    for name, (value, style) in lines.items():
        axes.axvline(value, linestyle=style, color="black", linewidth=0.8, label=name)
    axes.set_yticks(range(len(groups)), [f"{name} ({len(values)})" for name, values in groups.items()])
    axes.invert_yaxis()
    if logarithmic:
        axes.set_xscale("log")
    axes.set_xlabel(label)
    axes.set_title(title)
    axes.legend(fontsize=7, loc="lower right")
    save(figure, path)


def sketches(path, profile, groups, proposals):
    values = {name: [audit.e(shown) for audit, shown in pairs] for name, pairs in groups.items()}
    lines = {f"τ {name}": (max(params["tau_output_milli"], 0.2) / 1000, style)
             for (name, params), style in zip(proposals.items(), ("-", "--", ":"))}
    strips(path, f"{profile}: e of an output (0 is drawn at the left edge)", "e", values, lines, True)


def tokens(path, profile, groups, proposals):
    step = proposals["proposed"]["step_256"]
    values = {name: [audit.x(step) * 256 / audit.n_out for audit, _ in pairs] for name, pairs in groups.items()}
    limit = fits.poisson_limit(proposals["proposed"]["honest_rate_ppm"] * 256 / 1e6)
    strips(path, f"{profile}: tokens that lose by more than {step}/256 logit, per 256", "X per 256 tokens", values,
           {"k(256) proposed": (limit, "--")}, False)


def tails(path, profile, chunks, margins):
    figure, rows = plt.subplots(2, 2, figsize=(9, 5.2), sharex="col")
    named = (chunks, "e of a chunk"), (margins, "margin of a token that loses (logit)")
    for column, (values, label) in enumerate(named):
        values = np.sort(np.asarray(values, dtype=float))
        if len(values) == 0:
            continue
        rows[0][column].hist(values, bins=60, log=True)
        rows[0][column].set_ylabel("number")
        axes = rows[1][column]
        survival = 1 - np.arange(len(values)) / len(values)
        # Every value of the tail, some of the body.
        kept = np.unique(np.append(np.linspace(0, len(values) - 1, MOST_POINTS).astype(int),
                                   np.arange(max(0, len(values) - MOST_POINTS // 2), len(values))))
        axes.plot(values[kept], survival[kept], drawstyle="steps-post", label=f"honest, other kernels ({len(values)})")
        found = fits.tail(values)
        if found:
            x = np.linspace(found["threshold"], values[-1] * 1.3, 200)
            above = x - found["threshold"]
            axes.plot(x, found["share"] * np.exp(-above / found["exponential_mean"]), "--", label="exponential")
            pareto = genpareto.sf(above, found["pareto_shape"], scale=found["pareto_scale"])
            axes.plot(x, np.maximum(found["share"] * pareto, 1e-9), ":", label="generalised Pareto")
        axes.set_yscale("log")
        axes.set_ylim(0.3 / len(values), 1.3)
        axes.set_xlabel(label)
        axes.set_ylabel("share at least as large")
        axes.legend(fontsize=7)
    figure.suptitle(profile)
    save(figure, path)
