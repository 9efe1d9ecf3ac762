"""The development chain with other accounts and a few other figures, so that every attack comes to its end in minutes."""

from cheat_report import OGPU
from set_parameters import set_parameters

# What each account of the cast begins with, in OGPU.
ENDOWMENT = 5_000
# What the one account that stakes for many begins with.
LARGE_ENDOWMENT = 200_000

# Ticks, where the development chain has those of a real one.
AUDIT_TICKS = 120
DATA_DEADLINE_TICKS = 60
WINDOW_TICKS = 20

# (group, key, bytes of the value, value) of `runtime/src/parameters.rs`.
PARAMETERS = [
    # 0.4 OGPU for a job of this test, so that gains and losses stand out from fees.
    (0, 7, 16, OGPU // 100),
    (0, 1, 4, WINDOW_TICKS),
    # Each audit has its hidden second auditor; by chance it would be one in four.
    (4, 2, 4, 1_000_000),
    (4, 3, 4, AUDIT_TICKS),
    (4, 11, 4, DATA_DEADLINE_TICKS),
    # Who serves the model is few for moments only, when honest workers are kept from a seat.
    (4, 16, 4, 0),
]


def altered(spec, endowments):
    """The chain specification with `endowments`, {SS58 address: OGPU}, taken from its richest account, which has most of
    the supply and is no pot's."""
    patch = spec["genesis"]["runtimeGenesis"]["patch"]
    balances = patch["balances"]["balances"]
    given = {account: amount * OGPU for account, amount in endowments.items()}
    max(balances, key=lambda balance: balance[1])[1] -= sum(given.values())
    balances.extend([account, amount] for account, amount in given.items())
    set_parameters(spec, PARAMETERS)
    spec["id"], spec["name"] = "attacks", "OpenGPU attacks"
    return spec
