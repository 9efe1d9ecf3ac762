"""Clients that cheat workers, and people who deal with themselves."""

from attacks.attack import Attack, short

SPAMMED, WASHED = 4, 4
# Passed audits of one owner that can count in a day, in 1/1000.
MOST_A_DAY_MILLI = 8_000


def withheld_input(stage, cast, name):
    client = cast.client(name)
    attack = Attack(stage, name, "two workers wait in vain; the second is paid, nobody is blamed", [client])
    with stage.draws.shared():
        attack.begin()
        job = client.submit(delivers=False)
        attack.jobs = [job]
        job.event(120, "InputMissing", attempt=0)
        job.event(120, "InputMissing", attempt=1)
        refunded = job.event(60, "JobRefunded", attempt=None)
    attack.saw(f"two workers say that no input came; refunded for {refunded['reason']}")
    attack.expect(refunded["reason"] == "NoInput", "refunded for something else")
    attack.expect(not job.events("AttemptMissed"), "a worker was blamed")
    return attack.end()


def false_demand(stage, cast, name):
    """The client has its answer, and has the worker write it on the chain all the same."""
    client, worker = cast.client(name), cast.honest_worker(name)
    attack = Attack(stage, name, "posted; half of the client's bond is gone, and nobody's gain", [client])
    with stage.draws.shared():
        attack.begin()
        job = client.submit(worker)
        attack.jobs = [job]
        job.says(90, "answer received")
        client.ogpu("job", "demand", job.id)
        job.event(60, "DataPosted")
        attack.saw("the worker posts it at once")
        attack.verdict(job, "Pass", 300)
    return attack.end(least=5 * 10**16)


def challenge_spam(stage, cast, name):
    client, worker = cast.client(name), cast.honest_worker(name)
    attack = Attack(stage, name, "each audit passes; the client pays for all of them", [client])
    with stage.draws.shared():
        attack.begin()
        for _ in range(SPAMMED):
            attack.jobs.append(client.submit(worker))
            attack.jobs[-1].challenge()
        for job in attack.jobs:
            given = job.event(400, "VerdictGiven")
            attack.expect(given["verdict"] == "Pass" and given["audited"], "a right result did not pass")
    fees = sum(int(job.events("Challenged")[0]["fee"]) for job in attack.jobs)
    attack.saw(f"{SPAMMED} right results challenged, all pass; {short(fees)} OGPU of fees gone")
    return attack.end(least=fees)


def wash_loop(stage, cast, name):
    """Jobs among one person's accounts, all audited for certain, to gain a reputation."""
    client, owner = cast.client(name), cast.provider(name)
    expected = "each job costs the protocol's fee and its audits; the record grows by a few a day at most"
    attack = Attack(stage, name, expected, [client, owner])
    with stage.draws.shared():
        attack.begin()
        owner.resume()
        attack.jobs = [client.submit(owner, temperature=0) for _ in range(WASHED)]
        owner.drain()
        verdicts = [job.event(400, "VerdictGiven") for job in attack.jobs]
    audited = sum(given["audited"] for given in verdicts)
    attack.expect(all(given["verdict"] == "Pass" for given in verdicts), "an honest result did not pass")
    passed_milli, permille = owner.passed_milli()
    counted = f"{passed_milli / 1000:.2f} of them count, reputation {permille} ‰"
    attack.saw(f"{WASHED} jobs, {audited} audited and passed; {counted}")
    attack.expect(passed_milli <= MOST_A_DAY_MILLI, "more audits count than a day allows")
    return attack.end()


WORKERS = {"false-demand": 0, "challenge-spam": 0}
ATTACKS = {
    "withheld-input": (withheld_input, {}),
    "false-demand": (false_demand, {}),
    "challenge-spam": (challenge_spam, {}),
    "wash-loop": (wash_loop, {"wash-loop": {"slots": WASHED}}),
}
