"""Everybody on the stage: honest owners who work and audit, attackers, and their clients."""

import contextlib
import json
from concurrent.futures import ThreadPoolExecutor

from cheat_report import JURY

from attacks import auditors, clients, computing, genesis, jurors, results
from attacks.people import Client, Provider, STAKE
from attacks.stage import MODEL

ATTACKS = computing.ATTACKS | results.ATTACKS | auditors.ATTACKS | jurors.ATTACKS | clients.ATTACKS
# Enough for two auditors and a jury of three beside the owner under audit.
HONEST = 6
# One of them stakes for many, so that the few who stay silent here are no fault of the network.
LARGE_STAKE = 100_000
HONEST_SLOTS = 4
# Attackers at once, so that their models fit into 8 GiB beside the honest ones' and what cheats load for a moment.
MOST_ATTACKERS = 12
# Commands at once: each decodes the chain's metadata first.
AT_ONCE = 6


def together(function, items):
    """`function` of all, a few at once; the first failure is raised."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(function, items))


def groups(names, most=MOST_ATTACKERS):
    """Attacks in groups that take place at once, each with at most `most` attackers unless one attack has more."""
    found, room = [], 0
    for name in sorted(names, key=lambda name: name != auditors.FIRST):
        needed = len(ATTACKS[name][1])
        if not found or needed > room:
            found.append([])
            room = most
        found[-1].append(name)
        room -= needed
    return found


class Cast:
    """The cast of the attacks in `names`."""

    def __init__(self, stage, names):
        self.stage, self.names = stage, names
        self.registrar = Client(stage, "registrar")
        self.honest = [Provider(stage, f"honest-{number + 1}") for number in range(HONEST)]
        needed = {who: how for name in names for who, how in ATTACKS[name][1].items()}
        self._how, self._attackers = needed, {who: Provider(stage, who) for who in needed}
        self._clients = {name: Client(stage, f"{name}-client") for name in names}
        self._workers = auditors.WORKERS | clients.WORKERS

    def provider(self, name):
        return self._attackers[name]

    def client(self, name):
        return self._clients[name]

    def honest_worker(self, name):
        """Whose results this attack is about."""
        return self.honest[self._workers[name]]

    def endowments(self):
        """{SS58 address: OGPU} at the chain's beginning."""
        people = [self.registrar, *self.honest, *self._attackers.values(), *self._clients.values()]
        given = {person.address: genesis.ENDOWMENT for person in people}
        return given | {self.honest[0].address: genesis.LARGE_ENDOWMENT}

    def register(self, table):
        """The model and its whitening table."""
        folder = self.stage.models / MODEL
        words = ["models", "register", "--dir", folder, "--name", MODEL, "--kind", "generate", "--profile", "f16"]
        self.registrar.ogpu(*words)
        self.registrar.ogpu("models", "whiten", MODEL, table)

    def open(self):
        """Lets the honest owners begin. What the machine can do is measured once, by the first one alone."""
        together(lambda provider: provider.pair(LARGE_STAKE if provider is self.honest[0] else STAKE), self.honest)
        first = self.honest[0]
        first.start(slots=HONEST_SLOTS)
        first.serves()
        for provider in self.honest[1:]:
            provider.start(slots=HONEST_SLOTS, like=first)
        for provider in self.honest[1:]:
            provider.serves()

    def enter(self, names):
        """Lets the attackers of these attacks begin."""
        leak = self.stage.folder / "leak"
        leak.mkdir(exist_ok=True)
        attackers = {who: self._attackers[who] for name in names for who in ATTACKS[name][1]}
        together(Provider.pair, attackers.values())
        for who, provider in attackers.items():
            how = dict(self._how[who])
            provider.start(leak=leak if how.pop("leak", False) else None, like=self.honest[0], **how)
        for provider in attackers.values():
            provider.serves()
        # Whoever waits for its attack is drawn for nothing.
        together(Provider.drain, attackers.values())
        self._write_names()

    def leave(self, name):
        """Stops the daemons of an attack that is over."""
        for who in ATTACKS[name][1]:
            self.stage.stop(self._attackers[who].process)

    def only(self, attacker, but):
        """Nobody can be drawn but `attacker`, who was not before; `but` is whose result it is, and so is no candidate."""
        return self._instead(attacker, [provider for provider in self.honest if provider is not but])

    def jury(self, attacker, auditors):
        """Nobody can be drawn for a jury but `attacker`, who was not before, and as many honest owners as it needs;
        `auditors` are workers who sit already."""
        free = [provider for provider in self.honest if provider.worker_id not in auditors]
        return self._instead(attacker, free[JURY - 1 :])

    @contextlib.contextmanager
    def _instead(self, attacker, others):
        """`attacker` can be drawn for seats, and `others` cannot."""
        together(lambda provider: provider.resume() if provider is attacker else provider.drain(), [*others, attacker])
        try:
            yield
        finally:
            together(lambda provider: provider.drain() if provider is attacker else provider.resume(), [*others, attacker])

    def standing(self):
        """What honest owners have, by name."""
        wealth = self.stage.wealth(account for provider in self.honest for account in provider.accounts())
        return {provider.name: sum(wealth[account] for account in provider.accounts()) for provider in self.honest}

    def strikes(self):
        return {provider.name: provider.strikes() for provider in self.honest}

    def name_of(self, account):
        people = [*self.honest, *self._attackers.values()]
        return next((person.name for person in people if account in person.accounts()), account)

    def _write_names(self):
        """Who is who in the events, for whoever reads them."""
        people = [*self.honest, *self._attackers.values(), *self._clients.values()]
        names = {account: person.name for person in people for account in person.accounts()}
        (self.stage.folder / "names.json").write_text(json.dumps(names, indent=1), encoding="utf-8")
