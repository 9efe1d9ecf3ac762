"""What is told of all attacks at the end."""

from cheat_report import SUPPLY, ogpu

from attacks.attack import short

# More than an owner's transactions cost in fees here, in planck: it drains and resumes its worker, at 0.001 OGPU each.
FEES = 10**17
HEAD = ("attack", "attacker had", "has", "change", "client lost")


def row(outcome):
    return (
        outcome.name,
        short(outcome.before),
        short(outcome.after),
        short(outcome.after - outcome.before, sign=True),
        short(outcome.honest_lost),
    )


def table(outcomes):
    """A line of OGPU for each attack, and below it what was expected and what happened."""
    rows = [HEAD, *map(row, outcomes)]
    widths = [max(len(cells[at]) for cells in rows) for at in range(len(HEAD))]
    lines = [
        "  ".join(cell.rjust(width) if at else cell.ljust(width) for at, (cell, width) in enumerate(zip(cells, widths)))
        for cells in rows
    ]
    yield lines[0]
    for line, outcome in zip(lines[1:], outcomes):
        yield from (line, f"    expected: {outcome.expected}", f"    happened: {'; '.join(outcome.happened)}")


def honest_faults(before, after, slashed, strikes):
    """What is amiss with honest owners: planck before and after by name, names that were slashed, strikes by name."""
    faults = [f"{name} lost {ogpu(before[name] - after[name])} OGPU" for name in before if before[name] - after[name] > FEES]
    faults += [f"{name} was slashed" for name in slashed if name in before]
    return faults + [f"{name} has {count} strikes" for name, count in strikes.items() if count]


def summary(outcomes, honest, supply, faults):
    """All that is told at the end, and whether all is as it has to be. `honest` is {name: change in planck}."""
    checked, caught = sum(outcome.checked for outcome in outcomes), sum(outcome.caught for outcome in outcomes)
    lines = [*table(outcomes), ""]
    if checked:
        lines.append(f"wrong results that were checked: {checked}, found wrong: {caught} ({caught / checked:.0%})")
    if unseen := sum(outcome.unseen for outcome in outcomes):
        lines.append(f"results that passed although something else was computed, as calibration says: {unseen}")
    if honest:
        changes = ", ".join(f"{name} {short(change, sign=True)}" for name, change in honest.items())
        lines.append(f"honest owners, for audits and jobs: {changes} OGPU")
    lines.append(f"total issuance: {ogpu(supply)} OGPU")
    amiss = [f"{outcome.name}: {fault}" for outcome in outcomes for fault in outcome.faults] + faults
    if supply != SUPPLY:
        amiss.append(f"the supply is {ogpu(supply)} OGPU instead of {ogpu(SUPPLY)}")
    if caught != checked:
        amiss.append(f"{checked - caught} wrong results were checked and not found")
    lines += [f"AMISS: {fault}" for fault in amiss] or ["all of it is as it has to be"]
    return "\n".join(lines), not amiss
