"""One attack: what is expected of it, what the chain made of it, and who has more or less after it."""

from dataclasses import dataclass, field

from cheat_report import LEDGER, ogpu

# More than a client's transactions about one job cost in fees, in planck: 0.0202 OGPU, nearly all for the submission.
JOB_FEES = 3 * 10**16


@dataclass
class Outcome:
    """What is told of an attack."""

    name: str
    expected: str
    happened: list = field(default_factory=list)
    before: int = 0
    after: int = 0
    # What the other side lost beyond the prices of the jobs that were done for it, in planck.
    honest_lost: int = 0
    # Results that somebody checked although they were wrong, and those of them that were found wrong.
    checked: int = 0
    caught: int = 0
    # Results that passed although they were not computed as promised: those that calibration says no audit can see.
    unseen: int = 0
    faults: list = field(default_factory=list)

    def expect(self, condition, fault):
        if not condition:
            self.faults.append(fault)


class Attack:
    """An attack while it goes on: by `attackers`, against the client `victim` where there is one."""

    def __init__(self, stage, name, expected, attackers, victim=None):
        self.stage, self.attackers, self.victim = stage, attackers, victim
        self.outcome = Outcome(name, expected)
        self.since, self.jobs = 0, []
        # Fees of challenges in vain, in planck.
        self.forfeited = 0
        self._victim_before = 0

    def begin(self):
        self.since = self.stage.mark()
        self.outcome.before, self._victim_before = self._wealth()

    def _wealth(self):
        ours = [account for person in self.attackers for account in person.accounts()]
        theirs = self.victim.accounts() if self.victim else []
        wealth = self.stage.wealth(ours + theirs)
        return sum(wealth[account] for account in ours), sum(wealth[account] for account in theirs)

    def saw(self, text):
        self.outcome.happened.append(text)
        self.stage.say(self.outcome.name, text)

    def expect(self, condition, fault):
        self.outcome.expect(condition, fault)

    def verdict(self, job, expected, seconds=60):
        """The verdict on a job's first attempt, which has to be `expected`."""
        given = job.event(seconds, "VerdictGiven")
        self.saw(f"verdict {given['verdict'].lower()}{'' if given['audited'] else ', unaudited'}")
        self.expect(given["verdict"] == expected, f"the verdict is {given['verdict']} instead of {expected}")
        return given

    def jury(self, job, outcome, seconds=400):
        decided = job.event(seconds, "JuryDecided", "VerdictGiven")
        if decided.name != "JuryDecided":
            self.expect(False, "no auditor dissented")
            return
        self.saw(f"jury {decided['against']} to {decided['for_worker']} against the worker: {decided['outcome'].lower()}")
        self.expect(decided["outcome"] == outcome, f"the jury says {decided['outcome']} instead of {outcome}")

    def slashed(self, owner, offence, seconds=200):
        """Waits until an owner's slash is applied, which has to be the only one, for this offence."""
        applied = self.stage.event(seconds, "SlashApplied", owner=owner.id, since=self.since)
        deferred = self.stage.events("SlashDeferred", owner=owner.id, since=self.since)
        offences = [event["offence"] for event in deferred]
        self.saw(f"{owner.name} slashed {short(int(applied['amount']))} OGPU for {' '.join(offences)}")
        self.expect(offences == [offence], f"slashes of {owner.name}: {offences} instead of {offence}")

    def end(self, gain_allowed=False, as_honest=False, least=0):
        """Who has what now. The victim lost what its jobs cost it, fees, and what it put up for challenges in vain; an
        attacker who is the client lost `least` planck beyond what its jobs cost. The attacker lost something, or
        `as_honest` gained no more than its jobs pay whoever does them."""
        outcome = self.outcome
        ledgers = {job.id: job.show()["ledger"] for job in self.jobs}
        paid = sum(closed(outcome, job, ledger) for job, ledger in ledgers.items())
        earned = sum(int(ledger["provider"]) for ledger in ledgers.values())
        outcome.after, victim_after = self._wealth()
        if self.victim:
            outcome.honest_lost = self._victim_before - victim_after - paid
            lost = outcome.honest_lost - self.forfeited
            outcome.expect(lost <= JOB_FEES * len(self.jobs), f"the client lost {ogpu(lost)} OGPU more than its jobs cost")
        if least:
            lost = outcome.before - outcome.after - paid
            outcome.expect(lost >= least, f"it cost the attacker {ogpu(lost)} OGPU beyond the price, not {ogpu(least)}")
        gained = outcome.after - outcome.before
        if as_honest:
            outcome.expect(gained <= earned, f"the attacker gained {ogpu(gained - earned)} OGPU more than its jobs pay")
        else:
            outcome.expect(gain_allowed or gained < 0, "the attacker gained")
        return outcome


def closed(outcome, job, ledger):
    """What a job cost its client in planck, by a ledger that has to be closed."""
    planck = {key: int(ledger[key]) for key in ("escrowed", *LEDGER)}
    outcome.expect(planck["held"] == 0, f"job {job[:10]} still holds {planck['held']} planck")
    outcome.expect(sum(planck[key] for key in LEDGER) == planck["escrowed"], f"job {job[:10]}'s ledger does not sum up")
    return planck["escrowed"] - planck["refunded"]


def short(planck, sign=False):
    """OGPU to four digits."""
    return f"{planck / 10**18:{'+' if sign else ''},.4f}"
