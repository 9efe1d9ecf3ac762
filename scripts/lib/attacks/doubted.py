"""A client doubts a result that something else than asked was computed for. What its audit finds has to be what
calibration says of the cheat."""

import cheat_report

from attacks.attack import Attack, short
from attacks.figures import are_wrong, some, thresholds
from attacks.people import TOKENS

GUILTY = "a jury finds it wrong; the worker's owner is slashed, the client refunded"
UNSEEN = "no audit can see it: it passes, and is paid like an honest one"
BY_FIGURES = "not every audit sees it: as its figures say, it is found wrong or paid like an honest one"
# Shares of audits that count as all and as none.
ALL, NONE = 0.99, 0.01


def expected(seen):
    if seen >= ALL:
        return GUILTY
    return UNSEEN if seen <= NONE else BY_FIGURES


def doubted(stage, cast, name, seen=1.0, tokens=TOKENS):
    """The client challenges the result, so that it is audited for certain; `seen` is the share of audits that find such
    a cheat, in outputs of `tokens` tokens or more."""
    cheat, client = cast.provider(name), cast.client(name)
    attack = Attack(stage, name, expected(seen), [cheat], client)
    with stage.draws.shared():
        attack.begin()
        job = given(attack, client, cheat, tokens=tokens)
        fee = int(job.challenge()["fee"])
        job.event(120, "AuditDrawn")
        job.event(400, "JurySeated", "VerdictGiven")
    reports = audited(attack, job)
    dissents = [cheat_report.fails(report) for report in reports]
    # An output that ended early on its own may be too short for the token test.
    all_see_it = seen >= ALL and all(some(report["findings"]["k"]) is not None for report in reports)
    attack.expect(seen > NONE or not any(dissents), "an auditor dissented from what none can see")
    attack.expect(not all_see_it or all(dissents), "an auditor passed what all can see")
    if any(dissents) or all_see_it:
        attack.outcome.checked, attack.outcome.caught = 1, len(job.events("Disputed"))
        attack.jury(job, "Guilty")
        attack.verdict(job, "Wrong")
        attack.slashed(cheat, "WrongResult")
        return attack.end()
    attack.verdict(job, "Pass")
    attack.outcome.unseen = 1
    # Found right, as far as anybody can tell.
    attack.forfeited = fee
    attack.saw(f"the client's {short(fee)} OGPU for the challenge are gone")
    return attack.end(as_honest=True)


def given(attack, client, cheat, **how):
    """A job of the client that only the cheat may do, which is drawn for nobody's audit after that."""
    cheat.resume()
    job = client.submit(cheat, **how)
    attack.jobs.append(job)
    cheat.drain()
    return job


def audited(attack, job, attempt=0):
    """The reports of a result's auditors. Each says what its figures say."""
    params = thresholds()
    auditors = {
        seat["worker"] for seat in job.events("SeatDrawn", attempt=attempt) if seat["role"] in ("First", "Second")
    }
    opened = job.events("ReportOpened", attempt=attempt)
    reports = [report for report in opened if report["worker"] in auditors]
    attack.expect(reports, "nobody audited it")
    for report in reports:
        attack.saw(f"auditor: {cheat_report.findings(report)}")
        wrong = are_wrong(report["findings"], params)
        attack.expect(cheat_report.fails(report) == wrong, "an auditor's verdict is not what its figures say")
    return reports
