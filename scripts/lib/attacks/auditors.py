"""Auditors that do not audit, or lie. Each is the only one who can be drawn while its seat is."""

import time

from attacks.attack import Attack
from attacks.genesis import AUDIT_TICKS

# Absences of the auditors who never work: the first are free, a machine at home may restart.
ABSENCES = 3
SECONDS_PER_TICK = 2


def liar(stage, cast, name):
    """Zeros without computing, or a dissent, about the result of an honest worker."""
    attacker, worker, client = cast.provider(name), cast.honest_worker(name), cast.client(name)
    expected = "the jury finds nothing: the auditor pays for it, and a tenth of its stake"
    attack = Attack(stage, name, expected, [attacker], client)
    with stage.draws.alone() as share:
        attack.begin()
        job = seated(attack, cast, attacker, worker, client)
        share()
        job.event(240, "JurySeated", "VerdictGiven")
    attack.jury(job, "Innocent")
    attack.verdict(job, "Pass")
    attack.slashed(attacker, "FalseDissent")
    return attack.end()


def seated(attack, cast, attacker, worker, client):
    """A job of an honest worker, without noise and without the client's secret, so that its audit is certain; the
    attacker has the first seat."""
    with cast.only(attacker, but=worker):
        job = client.submit(worker, temperature=0)
        attack.jobs.append(job)
        seat = job.event(180, "SeatDrawn", role="First")
        attack.expect(seat["worker"] == attacker.worker_id, "another auditor was drawn")
        attack.saw("drawn as the auditor")
    return job


def lying_pass(stage, cast, name):
    """An accomplice passes what a cheat leaked to it; the hidden second auditor is honest."""
    attacker, cheat, client = cast.provider(name), cast.provider("leaking-cheat"), cast.client(name)
    expected = "the second auditor dissents, a jury finds it wrong: cheat and auditor are slashed"
    attack = Attack(stage, name, expected, [attacker, cheat], client)
    with stage.draws.alone() as share:
        attack.begin()
        cheat.resume()
        with cast.only(attacker, but=cheat):
            job = client.submit(cheat)
            attack.jobs.append(job)
            job.challenge()
            seat = job.event(180, "SeatDrawn", role="First")
            attack.expect(seat["worker"] == attacker.worker_id, "another auditor was drawn")
            attack.saw("the accomplice is drawn as the auditor")
            cheat.drain()
        share()
        job.event(240, "JurySeated", "VerdictGiven")
    passed = job.events("ReportOpened", worker=attacker.worker_id)
    attack.expect(passed and passed[0]["findings"]["judgement"] == "Pass", "the accomplice did not pass it")
    attack.outcome.checked, attack.outcome.caught = 1, len(job.events("Disputed"))
    attack.jury(job, "Guilty")
    attack.verdict(job, "Wrong")
    attack.slashed(cheat, "WrongResult")
    attack.slashed(attacker, "FalsePass")
    return attack.end()


def copying(stage, cast, name):
    """The hidden second auditor commits to the first one's hash, which it can never open."""
    attacker, worker, client = cast.provider(name), cast.honest_worker(name), cast.client(name)
    expected = f"no report opens a copied hash: absent; {ABSENCES} times cost its place and 1 %"
    attack = Attack(stage, name, expected, [attacker], client)
    with stage.draws.alone():
        attack.begin()
        attack.jobs = [client.submit(worker, temperature=0) for _ in range(ABSENCES)]
        for job in attack.jobs:
            job.event(180, "SeatDrawn", role="First")
        with cast.only(attacker, but=worker):
            for job in attack.jobs:
                seat = job.event(240, "SeatDrawn", role="Second")
                attack.expect(seat["worker"] == attacker.worker_id, "another second auditor was drawn")
    for job in attack.jobs:
        committed = job.event(120, "ReportCommitted", worker=attacker.worker_id)
        hashes = [event["hash"] for event in job.events("ReportCommitted")]
        attack.expect(hashes.count(committed["hash"]) == 2, "it copied no hash")
    attack.saw(f"committed to the first auditor's hash, {ABSENCES} times")
    return jailed(attack, attacker)


def absent(stage, cast, name):
    """Each seat is left empty; another auditor is drawn in its place."""
    attacker, worker, client = cast.provider(name), cast.honest_worker(name), cast.client(name)
    attack = Attack(stage, name, f"replaced; {ABSENCES} times cost its place and 1 %", [attacker], client)
    with stage.draws.alone():
        attack.begin()
        with cast.only(attacker, but=worker):
            attack.jobs = [client.submit(worker, temperature=0) for _ in range(ABSENCES)]
            seats = [job.event(180, "SeatDrawn", role="First") for job in attack.jobs]
        attack.expect(all(seat["worker"] == attacker.worker_id for seat in seats), "another auditor was drawn")
        attack.saw(f"drawn {ABSENCES} times, says nothing")
    # Others may use the roster until the seats are drawn anew.
    time.sleep((AUDIT_TICKS - 60) * SECONDS_PER_TICK)
    with stage.draws.shared():
        for job in attack.jobs:
            job.event(240, "SeatAbsent", worker=attacker.worker_id)
            job.event(180, "SeatDrawn", role="Second")
    return jailed(attack, attacker)


def jailed(attack, attacker):
    """The audits go on without the attacker, who loses its place and a hundredth of its stake."""
    for job in attack.jobs:
        attack.verdict(job, "Pass", 300)
    absences = sum(len(job.events("SeatAbsent", worker=attacker.worker_id)) for job in attack.jobs)
    attack.expect(absences == ABSENCES, f"absent {absences} times")
    attack.stage.event(120, "Jailed", worker=attacker.worker_id, since=attack.since)
    attack.saw("jailed")
    attack.slashed(attacker, "AuditorAbsent")
    return attack.end()


# Begins before all others: it takes longest, and its seats are drawn anew while nobody needs the roster alone.
FIRST = "absent-auditor"
# Honest workers whose results are audited by the attackers: one each, so that no passed audit makes the next rarer.
WORKERS = {"lazy-auditor": 1, "lying-dissent": 2, "copying-auditor": 3, "absent-auditor": 4}
ATTACKS = {
    "lazy-auditor": (liar, {"lazy-auditor": {"cheat": "lazy-auditor"}}),
    "lying-dissent": (liar, {"lying-dissent": {"cheat": "lying-dissent"}}),
    "lying-pass": (
        lying_pass,
        {"lying-pass": {"cheat": "lying-pass", "leak": True}, "leaking-cheat": {"cheat": "skip-layers", "leak": True}},
    ),
    "copying-auditor": (copying, {"copying-auditor": {"cheat": "copying-auditor"}}),
    "absent-auditor": (absent, {"absent-auditor": {"audits": False}}),
}
