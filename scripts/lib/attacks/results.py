"""Workers that stay silent, keep what they owe, or deliver something else than they have."""

from attacks.attack import Attack
from attacks.doubted import doubted, given

# Jobs of the cheat whose clients suspect nothing.
CHANCE_JOBS = 8


def silent(stage, cast, name):
    cheat, client = cast.provider(name), cast.client(name)
    attack = Attack(stage, name, "silence under audit counts as a wrong result", [cheat], client)
    with stage.draws.shared():
        attack.begin()
        job = given(attack, client, cheat)
        job.challenge()
        job.event(300, "SeatDrawn", role="Second")
    attack.verdict(job, "Wrong", 400)
    attack.expect(not job.events("Opened"), "it opened")
    attack.slashed(cheat, "SilentUnderAudit")
    return attack.end()


def two_faces(stage, cast, name):
    cheat, client = cast.provider(name), cast.client(name)
    attack = Attack(stage, name, "the receipt proves it: a fifth of the stake", [cheat], client)
    with stage.draws.shared():
        attack.begin()
        job = given(attack, client, cheat)
        job.says(60, "signed another result")
        client.ogpu("job", "report-equivocation", job.id)
        job.event(30, "EquivocationProved")
    attack.saw("the client shows the receipt")
    attack.verdict(job, "Wrong")
    attack.slashed(cheat, "Equivocation")
    return attack.end()


def no_delivery(stage, cast, name):
    cheat, client = cast.provider(name), cast.client(name)
    attack = Attack(stage, name, "demanded on chain, never posted: counts as a wrong result", [cheat], client)
    with stage.draws.shared():
        attack.begin()
        job = given(attack, client, cheat)
        job.event(120, "Committed")
        client.begin("job", "demand", job.id, "--timeout", 600)
        job.event(30, "DataDemanded")
    attack.saw("the client demands the output")
    job.event(120, "DataLate")
    attack.verdict(job, "Wrong", 240)
    attack.slashed(cheat, "DataNotPosted")
    return attack.end()


def refuses_auditors(stage, cast, name):
    cheat, client = cast.provider(name), cast.client(name)
    expected = "the auditor demands its data on chain, never posted: counts as a wrong result"
    attack = Attack(stage, name, expected, [cheat], client)
    with stage.draws.shared():
        attack.begin()
        job = given(attack, client, cheat)
        job.challenge()
        job.event(120, "SeatDrawn", role="First")
    job.event(240, "DataDemanded")
    attack.saw("the auditor demands the data")
    job.event(120, "DataLate")
    attack.verdict(job, "Wrong", 240)
    attack.slashed(cheat, "DataNotPosted")
    return attack.end()


def by_chance(stage, cast, name):
    """Clients who accept: each result is audited with the ordinary chance of a quarter."""
    cheat, client = cast.provider(name), cast.client(name)
    attack = Attack(stage, name, "each audit finds it; one costs more than all of them bring", [cheat], client)
    with stage.draws.shared():
        attack.begin()
        cheat.resume()
        attack.jobs = [client.submit(cheat, accepts=True) for _ in range(CHANCE_JOBS)]
        cheat.drain()
        verdicts = [job.event(600, "VerdictGiven") for job in attack.jobs]
    audited = [given for given in verdicts if given["audited"]]
    wrong = sum(given["verdict"] == "Wrong" for given in verdicts)
    attack.outcome.checked, attack.outcome.caught = len(audited), wrong
    attack.saw(f"{CHANCE_JOBS} jobs, {len(audited)} audited, {wrong} found wrong")
    if wrong:
        stage.event(200, "SlashApplied", count=wrong, owner=cheat.id, since=attack.since)
        total = sum(int(event["amount"]) for event in stage.events("SlashApplied", owner=cheat.id, since=attack.since))
        attack.saw(f"slashed {total / 10**18:,.1f} OGPU in all")
    # One time in ten nothing is drawn: then it is paid for what it did not do.
    return attack.end(gain_allowed=not audited)


ATTACKS = {
    "truncated": (doubted, {"truncated": {"cheat": "truncated"}}),
    "replayed-sketches": (doubted, {"replayed-sketches": {"cheat": "replayed-sketches"}}),
    "silent": (silent, {"silent": {"cheat": "silent"}}),
    "two-faces": (two_faces, {"two-faces": {"cheat": "two-faces"}}),
    "no-delivery": (no_delivery, {"no-delivery": {"cheat": "no-delivery"}}),
    "refuses-auditors": (refuses_auditors, {"refuses-auditors": {"cheat": "refuses-auditors"}}),
    "by-chance": (by_chance, {"by-chance": {"cheat": "wrong-seed", "slots": CHANCE_JOBS}}),
}
