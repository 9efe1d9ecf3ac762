"""Pictures of what scripts/economics measured: economics_plots.py FOLDER_WITH_TABLES FOLDER_FOR_PICTURES."""

import csv
import shutil
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

# The same bytes for the same data.
matplotlib.rcParams["svg.hashsalt"] = "economics"

TEXT = {"kind"}


def rows(path):
    with open(path, newline="") as file:
        return [{name: value if name in TEXT else float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def save(figure, path):
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def heat_map(cells, path):
    """Mean gain of a cheat in prices: colluding share against audit rate, one picture a stake and price."""
    cells = [cell for cell in cells if cell["kind"] == "cheat"]
    frames = sorted({(cell["stake"], cell["price"]) for cell in cells})
    rates = sorted({cell["rate"] for cell in cells})
    shares = sorted({cell["colluding"] for cell in cells})
    figure, panes = plt.subplots(1, len(frames), figsize=(3.6 * len(frames) + 1, 3.4), sharey=True, squeeze=False)
    most = max(abs(cell["gain"]) for cell in cells)
    for pane, frame in zip(panes[0], frames):
        values = np.full((len(rates), len(shares)), np.nan)
        for cell in cells:
            if (cell["stake"], cell["price"]) != frame:
                continue
            row, column = rates.index(cell["rate"]), shares.index(cell["colluding"])
            values[row, column] = cell["gain"]
            pane.text(column, row, f"{cell['gain']:+.1f}\n±{cell['error']:.1f}", ha="center", va="center", fontsize=7)
        # Losses span decades.
        picture = pane.imshow(
            values, aspect="auto", origin="lower", cmap="RdBu",
            norm=matplotlib.colors.SymLogNorm(linthresh=1, vmin=-most, vmax=most))
        pane.set_xticks(range(len(shares)), [f"{share:.0%}" for share in shares])
        pane.set_yticks(range(len(rates)), [f"{rate:.0%}" for rate in rates])
        pane.set_xlabel("colluding part of the audit stake")
        pane.set_title(f"stake {frame[0]:g}, price {frame[1]:g} OGPU", fontsize=9)
    panes[0][0].set_ylabel("chance of an audit")
    figure.colorbar(picture, ax=panes[0].tolist(), label="mean gain of a cheat, in prices")
    figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")
    plt.close(figure)


def against_arithmetic(cells, path):
    """Measured gain against what penalty.rs promises."""
    figure, pane = plt.subplots(figsize=(5.5, 4.5))
    for rate in sorted({cell["rate"] for cell in cells}):
        chosen = [cell for cell in cells if cell["rate"] == rate]
        pane.errorbar([cell["expected"] for cell in chosen], [cell["gain"] for cell in chosen],
                      yerr=[2 * cell["error"] for cell in chosen], fmt="o", markersize=3, linewidth=0.8,
                      label=f"audits {rate:.0%}")
    ends = [min(cell["expected"] for cell in cells), 0]
    pane.plot(ends, ends, color="black", linewidth=0.8)
    pane.axhline(0, color="black", linestyle=":", linewidth=0.8)
    pane.set_xlabel("by arithmetic, in prices")
    pane.set_ylabel("measured, two standard errors")
    pane.legend(fontsize=7)
    save(figure, path)


def outcomes(cells, path):
    """What becomes of audited results, by colluding share."""
    figure, panes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
    titles = {"cheat": ("a cheat before auditors and jury", "slashed"),
              "honest": ("an honest result that accomplices would frame", "slashed")}
    for pane, (kind, (title, found)) in zip(panes, titles.items()):
        chosen = sorted((cell for cell in cells if cell["kind"] == kind), key=lambda cell: cell["colluding"])
        shares = [100 * cell["colluding"] for cell in chosen]
        parts = [[100 * cell[name] / cell["measured"] for cell in chosen] for name in ("paid", "unpaid", "found")]
        pane.stackplot(shares, parts, labels=("paid", "refunded, nobody slashed", found), alpha=0.8,
                       colors=("C3", "C1", "C2") if kind == "cheat" else ("C2", "C1", "C3"))
        pane.set_title(f"{title} ({chosen[0]['measured']:.0f} each)", fontsize=9)
        pane.set_xlabel("colluding part of the audit stake, %")
        pane.set_xlim(min(shares), max(shares))
        pane.set_ylim(0, 100)
        pane.legend(fontsize=7, loc="lower left")
    panes[0].set_ylabel("% of audited results")
    save(figure, path)


def main(tables, pictures):
    pictures.mkdir(parents=True, exist_ok=True)
    cheating, juries = rows(tables / "cheating.csv"), rows(tables / "juries.csv")
    heat_map(cheating, pictures / "cheating.svg")
    against_arithmetic(cheating, pictures / "arithmetic.svg")
    outcomes(juries, pictures / "juries.svg")
    for name in ("cheating.csv", "juries.csv"):
        shutil.copyfile(tables / name, pictures / name)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
