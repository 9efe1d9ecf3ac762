#!/usr/bin/env python3
"""What a chain says of audits, out of the files that `scripts/demo-cheat` writes into one folder: `events.jsonl` (`ogpu
events`), OWNER.worker (accounts), LABEL.*.json (balances), NAME.json and NAME.show.json (jobs).

  cheat_report.py happened DIR JOB|- EVENT [ATTEMPT]  exit status 0 once the event is there
  cheat_report.py timeline DIR JOB                    the job's events, a line each
  cheat_report.py names DIR OWNER…                    JSON: names of owners and workers by account
  cheat_report.py cheat DIR JOB                       the cheat's job as a table; exit status 1 when anything is amiss
  cheat_report.py honest DIR DRAWN CHALLENGED         the honest worker's two jobs, likewise
"""

import json
import sys
from pathlib import Path

OGPU = 10**18
SUPPLY = 21_000_000 * OGPU
CERTAIN_PPM = 1_000_000
JURY = 3
# Least part of the stake that a wrong result costs: one in so many.
LEAST_SLASH = 20
LEDGER = ("held", "provider", "validators", "treasury", "audit_fund", "audit_premium", "refunded")
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def account(ss58):
    """The 0x account in an SS58 address: what stands before the two bytes of its checksum."""
    number = 0
    for letter in ss58.strip():
        number = number * 58 + BASE58.index(letter)
    return "0x" + (number >> 16 & (1 << 256) - 1).to_bytes(32, "big").hex()


def ogpu(planck):
    """An amount in OGPU to the last planck, without zeros at its end."""
    whole, part = divmod(abs(planck), OGPU)
    text = f"{'-' if planck < 0 else ''}{whole:,}"
    return f"{text}.{part:018}".rstrip("0") if part else text


def number(value):
    return int(value)


class Event:
    """One line of `ogpu events`."""

    def __init__(self, line):
        self.block, self.pallet, self.name, self.fields = (line[key] for key in ("block", "pallet", "event", "fields"))
        subject = self.fields.get("subject")
        work = subject.get("Work", {}) if isinstance(subject, dict) else {}
        self.job = work.get("job", self.fields.get("job"))
        self.attempt = work.get("attempt", self.fields.get("attempt"))

    def __getitem__(self, field):
        return self.fields[field]


class Chain:
    """All that was written down of a chain."""

    def __init__(self, folder):
        self.folder = Path(folder)
        text = (self.folder / "events.jsonl").read_text()
        # The last line may still be on its way.
        lines = text[: text.rfind("\n") + 1].splitlines()
        self.events = [Event(json.loads(line)) for line in lines]
        names = self.folder / "names.json"
        self.names = json.loads(names.read_text()) if names.exists() else {}

    def json(self, name):
        return json.loads((self.folder / f"{name}.json").read_text())

    def name(self, account):
        return self.names.get(account, account)

    def owner_of(self, worker):
        return self.name(worker).removesuffix("'s worker")

    def of(self, name, job=None, attempt=None, **fields):
        """Events of this name, of this job and attempt and with these fields where they are given."""
        return [
            event
            for event in self.events
            if event.name == name
            and (job is None or event.job == job)
            and (attempt is None or event.attempt == attempt)
            and all(event.fields.get(key) == value for key, value in fields.items())
        ]

    def planck(self, snapshot, part, *keys):
        value = self.json(f"{snapshot}.{part}")
        for key in keys:
            value = value[key]
        return number(value)


class Report:
    """A table that is printed, and what is amiss in it."""

    def __init__(self, title):
        self.rows, self.faults = [], []
        self.title = title

    def row(self, what, text, event=None):
        self.rows.append((f"{event.block}" if event else "", what, text))

    def expect(self, condition, fault):
        if not condition:
            self.faults.append(fault)

    def one(self, events, fault):
        """The only one of these events. Without it nothing more can be said."""
        self.expect(len(events) == 1, f"{fault}: {len(events)} events instead of one")
        if not events:
            self.finish()
        return events[0]

    def finish(self):
        width = max(len(what) for _, what, _ in self.rows) if self.rows else 0
        print(f"\n{self.title}\n{'block':>6}  {'what'.ljust(width)}  what the chain says")
        for block, what, text in self.rows:
            print(f"{block:>6}  {what.ljust(width)}  {text}")
        for fault in self.faults:
            print(f"AMISS: {fault}", file=sys.stderr)
        if self.faults:
            sys.exit(1)
        print("        all of it is as it has to be")


def findings(event):
    """e, X and B of an opened report, and what follows, as text."""
    found = event["findings"]
    e, x, b, k = found["e_milli"] / 1000, found["x"], found["b"], found["k"]
    limit = k["Some"] if isinstance(k, dict) else "none, too short"
    return f"e {e:.3f}, X {x} (limit {limit}), B {b} of {found['tokens']} tokens: {verdict(found['judgement'])}"


def verdict(judgement):
    if isinstance(judgement, dict):
        ((name, reason),) = judgement.items()
        reason = json.dumps(reason) if isinstance(reason, dict) else reason
        return f"{name.lower()} ({reason})"
    return judgement.lower()


def fails(event):
    judgement = event["findings"]["judgement"]
    return isinstance(judgement, dict) and "Fail" in judgement


def passes(event):
    return event["findings"]["judgement"] == "Pass"


def seats(chain, report, job, attempt, role):
    """Workers that were drawn for this role and did not stay away; each seat's commitment comes before the opening,
    and its findings after it. Returns the workers and their opened reports."""
    drawn = [event for event in chain.of("SeatDrawn", job, attempt) if event["role"] == role]
    absent = {event["worker"] for event in chain.of("SeatAbsent", job, attempt) if event["role"] == role}
    report.expect(not absent, f"absent as {role}: {[chain.name(worker) for worker in absent]}")
    opened = chain.of("Opened", job, attempt)
    reports, label = [], {"First": "auditor", "Second": "hidden second auditor", "Juror": "juror"}[role]
    for seat in drawn:
        worker = seat["worker"]
        report.row(f"{label} drawn", chain.name(worker), seat)
        commitments = chain.of("ReportCommitted", job, attempt, worker=worker)
        found = chain.of("ReportOpened", job, attempt, worker=worker)
        report.expect(len(commitments) == 1, f"{chain.name(worker)} committed {len(commitments)} times")
        report.expect(len(found) == 1, f"{chain.name(worker)} opened {len(found)} reports")
        for event in commitments:
            report.row("  its commitment", event["hash"], event)
            if role != "Juror":
                before = all(event.block <= opening.block for opening in opened)
                report.expect(before, f"{chain.name(worker)} committed after the worker had opened")
        for event in found:
            report.row("  its findings", findings(event), event)
        reports += found
    return [seat["worker"] for seat in drawn if seat["worker"] not in absent], reports


def ledger(report, show):
    """The job's ledger, closed to the planck."""
    planck = {key: number(show["ledger"][key]) for key in (*LEDGER, "escrowed")}
    report.row("ledger: escrowed", f"{planck['escrowed']} planck")
    for key in LEDGER:
        report.row(f"  {key}", f"{planck[key]}")
    total = sum(planck[key] for key in LEDGER)
    report.row("  sum", f"{total}, {'the same' if total == planck['escrowed'] else 'NOT the same'}")
    report.expect(total == planck["escrowed"] > 0, "the ledger does not sum up")
    report.expect(planck["held"] == 0, "something is still held")
    report.expect(show["state"] == "Settled", f"the job is {show['state']}")
    report.expect(planck["provider"] > 0, "nobody was paid for the result")
    return planck


def supply(chain, report, snapshot):
    total = chain.planck(snapshot, "network", "supply", "total")
    report.row("total issuance", f"{ogpu(total)} OGPU")
    report.expect(total == SUPPLY, f"the supply is {ogpu(total)} OGPU instead of {ogpu(SUPPLY)}")


def paid(chain, report, job, attempt=None):
    """What the audit fund paid for a job's audits, in planck."""
    payments = chain.of("SeatPaid", job, attempt)
    total = sum(number(event["amount"]) for event in payments)
    owners = ", ".join(chain.name(event["owner"]) for event in payments)
    report.row("paid by the audit fund", f"{total} planck to {owners or 'nobody'}", payments[-1] if payments else None)
    report.expect(payments, "no auditor was paid")
    return total


def fund_change(chain, before, after):
    return chain.planck(after, "network", "supply", "audit_fund") - chain.planck(
        before, "network", "supply", "audit_fund"
    )


def cheat(chain, job):
    report = Report("The cheat: a worker that leaves out every fifth layer")
    committed = report.one(chain.of("Committed", job, 0), "the first result")
    worker, owner = committed["worker"], chain.owner_of(committed["worker"])
    report.row("result", f"by {chain.name(worker)}", committed)
    report.expect(owner == "bob", "the job went to another worker than the cheat")

    challenged = report.one(chain.of("Challenged", job, 0), "the challenge")
    report.row("challenge", f"by the client, {challenged['fee']} planck held", challenged)
    drawn = report.one(chain.of("AuditDrawn", job, 0), "the draw")
    report.row("audit", f"chance {drawn['rate_ppm'] / CERTAIN_PPM:.0%}", drawn)
    report.expect(drawn["rate_ppm"] == CERTAIN_PPM, "a challenge makes an audit certain")

    first, found = seats(chain, report, job, 0, "First")
    second, more = seats(chain, report, job, 0, "Second")
    opened = report.one(chain.of("Opened", job, 0), "the opening")
    report.row("opening", "by the worker: its evidence is on chain", opened)
    report.expect(len(first) == 1, f"{len(first)} first auditors")
    report.expect(found and all(map(fails, found + more)), "an auditor did not dissent")
    disputed = report.one(chain.of("Disputed", job, 0), "the dissent")
    report.row("dissent", "a jury is drawn", disputed)

    jurors, votes = seats(chain, report, job, 0, "Juror")
    decided = report.one(chain.of("JuryDecided", job, 0), "the jury")
    against, in_favour = decided["against"], decided["for_worker"]
    report.row("jury", f"{decided['seats']} seats, {against} against, {in_favour} for: {decided['outcome']}", decided)
    report.expect(decided["seats"] == len(jurors) == JURY, f"{decided['seats']} jurors instead of {JURY}")
    report.expect(decided["outcome"] == "Guilty" and against == JURY, "the jury is not of one mind")
    report.expect(all(map(fails, votes)), "a juror did not dissent")
    owners = [chain.owner_of(seat) for seat in (worker, *first, *second, *jurors)]
    report.expect(len(set(owners)) == len(owners), f"an owner sits twice: {owners}")

    given = report.one(chain.of("VerdictGiven", job, 0), "the verdict")
    report.row("verdict", given["verdict"], given)
    report.expect(given["verdict"] == "Wrong" and given["audited"], "the verdict is another one")
    failed = report.one(chain.of("AuditFailed"), "the failed audit")
    report.row("reputation of the cheat", f"{failed['permille']} ‰", failed)
    report.expect(chain.name(failed["owner"]) == "bob" and failed["permille"] < 500, "its reputation did not fall")
    spent = paid(chain, report, job, 0)

    again = report.one(chain.of("Committed", job, 1), "the second result")
    report.row("done again", f"by {chain.name(again['worker'])}", again)
    report.expect(chain.owner_of(again["worker"]) != "bob", "the cheat did it again")
    answer, show = chain.json("cheat"), chain.json("cheat.show")
    report.row("  its answer", repr(answer["text"][:60])[:-1] + "…'")
    report.expect(answer["attempt"] == 1 and len(answer["token_ids"]) > 0, "the client has no answer of the second worker")
    report.expect(account(answer["worker"]) == again["worker"], "the client has the answer of another worker")
    again_audited = chain.of("AuditDrawn", job, 1)
    report.row("  audited", "yes" if again_audited else "not drawn", again_audited[0] if again_audited else None)
    spent_again = paid(chain, report, job, 1) if again_audited else 0
    again_verdict = report.one(chain.of("VerdictGiven", job, 1), "the second verdict")
    report.expect(again_verdict["verdict"] == "Pass", "the second result did not pass")
    planck = ledger(report, show)

    deferred = report.one(chain.of("SlashDeferred"), "the pending slash")
    applied = report.one(chain.of("SlashApplied"), "the applied slash")
    amount = number(applied["amount"])
    report.row("slash pending", f"{ogpu(number(deferred['amount']))} OGPU for {deferred['offence']}", deferred)
    report.row(
        "slash applied",
        f"{ogpu(amount)} OGPU: {ogpu(number(applied['paid']))} to those who found it and for what the audit cost, "
        f"{ogpu(number(applied['to_reserve']))} to the reserve",
        applied,
    )
    stake = [chain.planck(when, "cheat", "stake") for when in ("before", "caught")]
    report.row("stake of the cheat", f"{ogpu(stake[0])} OGPU before, {ogpu(stake[1])} after")
    report.expect(chain.name(applied["owner"]) == chain.name(deferred["owner"]) == "bob", "another owner was slashed")
    report.expect(deferred["offence"] == "WrongResult", f"slashed for {deferred['offence']}")
    report.expect(amount == number(deferred["amount"]) >= stake[0] // LEAST_SLASH > 0, "the slash has another amount")
    report.expect(stake[0] - stake[1] == amount, "the stake did not fall by the slash")
    report.expect(number(applied["paid"]) + number(applied["to_reserve"]) == amount, "the slash is not all accounted for")
    report.expect(number(applied["paid"]) == 2 * spent, "finders and fund did not get back what the audit cost")
    report.expect(applied.block > deferred.block, "the slash was not deferred")

    held = [chain.planck(when, "client", "held") for when in ("before", "caught")]
    report.row("held of the client", f"{ogpu(held[0])} OGPU before, {ogpu(held[1])} after: the challenge's fee came back")
    report.expect(held[0] == held[1], f"{held[1] - held[0]} planck more are held of the client than before")
    change = fund_change(chain, "before", "caught")
    report.row("audit fund", f"{change:+} planck")
    report.expect(
        change == planck["audit_fund"] + planck["audit_premium"] - spent_again,
        "the audit fund did not get back what the cheat cost it",
    )
    supply(chain, report, "caught")
    report.finish()


def audited_and_passed(chain, report, name, job, challenged):
    """One job of the honest worker. Returns its ledger and what its audit cost."""
    committed = report.one(chain.of("Committed", job, 0), f"{name}: the result")
    report.row(f"{name}: result", f"by {chain.name(committed['worker'])}", committed)
    report.expect(chain.owner_of(committed["worker"]) == "harriet", f"{name}: another worker did it")
    if challenged:
        challenge = report.one(chain.of("Challenged", job, 0), f"{name}: the challenge")
        report.row("challenge", f"by the client, {challenge['fee']} planck held", challenge)
    drawn = report.one(chain.of("AuditDrawn", job, 0), f"{name}: the draw")
    report.row("audit", f"chance {drawn['rate_ppm'] / CERTAIN_PPM:.0%}", drawn)
    first, found = seats(chain, report, job, 0, "First")
    _, more = seats(chain, report, job, 0, "Second")
    opened = report.one(chain.of("Opened", job, 0), f"{name}: the opening")
    report.row("opening", "by the worker", opened)
    report.expect(len(first) == 1 and found and all(map(passes, found + more)), f"{name}: an auditor did not pass it")
    report.expect(not chain.of("Disputed", job), f"{name}: somebody dissents")
    given = report.one(chain.of("VerdictGiven", job, 0), f"{name}: the verdict")
    report.row("verdict", given["verdict"], given)
    report.expect(given["verdict"] == "Pass" and given["audited"], f"{name}: the verdict is another one")
    spent = paid(chain, report, job, 0)
    return ledger(report, chain.json(f"{name}.show")), spent


def honest(chain, drawn, challenged):
    report = Report("The honest worker, with other kernels and threads, two jobs at once")
    jobs = [audited_and_passed(chain, report, "drawn", drawn, False)]
    jobs.append(audited_and_passed(chain, report, "challenged", challenged, True))
    fee = number(chain.of("Challenged", challenged)[0]["fee"])

    counted = [event for event in chain.of("AuditCounted") if chain.name(event["owner"]) == "harriet"]
    counted = report.one(counted, "audits that count")
    reputation = [chain.planck(when, "honest", "workers", 0, "reputation_permille") for when in ("honest", "passed")]
    report.row(
        "reputation", f"{reputation[0]} ‰ before, {reputation[1]} ‰ after; the client's own choice counts for nothing", counted
    )
    report.expect(reputation[1] == counted["permille"] > reputation[0], "the reputation did not grow with the drawn audit")
    stake = [chain.planck(when, "honest", "stake") for when in ("honest", "passed")]
    strikes = chain.planck("passed", "honest", "workers", 0, "strikes")
    report.row("stake and strikes", f"{ogpu(stake[0])} OGPU before, {ogpu(stake[1])} after; {strikes} strikes")
    report.expect(stake[0] == stake[1] and strikes == 0, "the honest worker lost something")
    slashed = [chain.name(event["owner"]) for event in chain.of("SlashDeferred")]
    report.expect(slashed == ["bob"], f"slashed: {slashed}")

    income = sum(planck["audit_fund"] + planck["audit_premium"] - spent for planck, spent in jobs)
    change = fund_change(chain, "honest", "passed")
    report.row("audit fund", f"{change:+} planck, of which the challenge's fee {fee:+}")
    report.expect(change == fee + income, f"the audit fund has {change - fee - income:+} planck too much")
    held = [chain.planck(when, "client", "held") for when in ("honest", "passed")]
    report.expect(held[0] == held[1], f"{held[1] - held[0]} planck more are held of the client than before")
    supply(chain, report, "passed")
    report.finish()


def happened(chain, job, name, attempt=None):
    events = chain.of(name, None if job == "-" else job, None if attempt is None else int(attempt))
    sys.exit(0 if events else 1)


def timeline(chain, job):
    for event in chain.events:
        if event.job == job:
            print(f"{event.block:>6}  {event.pallet}.{event.name}  {json.dumps(event.fields)}")


def names(chain, *owners):
    found = {}
    for owner in owners:
        worker = account((chain.folder / f"{owner}.worker").read_text())
        found[worker] = f"{owner}'s worker"
        found |= {event["owner"]: owner for event in chain.events if event.fields.get("worker") == worker and "owner" in event.fields}
    assert len(found) == 2 * len(owners), f"owners and workers in the events: {found}"
    print(json.dumps(found))


def main():
    commands = {"happened": happened, "timeline": timeline, "names": names, "cheat": cheat, "honest": honest}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](Chain(sys.argv[2]), *sys.argv[3:])


if __name__ == "__main__":
    main()
