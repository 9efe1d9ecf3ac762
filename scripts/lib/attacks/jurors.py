"""Jurors that do not compute: when a jury sits, the worker's evidence and the auditors' reports are there to be copied."""

from attacks.attack import Attack
from attacks.doubted import given


def copying(stage, cast, name):
    """An accomplice on the jury shows the cheat's own sketches and says that no token lost."""
    attacker, cheat, client = cast.provider(name), cast.provider("copied-cheat"), cast.client(name)
    expected = "its ballot is void: a strike and no pay; both other jurors find the cheat's result wrong"
    attack = Attack(stage, name, expected, [attacker, cheat], client)
    with stage.draws.alone() as share:
        attack.begin()
        before = stage.wealth(attacker.accounts())
        job = given(attack, client, cheat)
        job.challenge()
        seats = [job.event(240, "SeatDrawn", role=role) for role in ("First", "Second")]
        with cast.jury(attacker, {seat["worker"] for seat in seats}):
            job.event(300, "JurySeated")
            jurors = [seat["worker"] for seat in job.events("SeatDrawn", role="Juror")]
            attack.expect(attacker.worker_id in jurors, "it was not drawn for the jury")
            attack.saw(f"drawn for a jury of {len(jurors)}")
        share()
    attack.outcome.checked, attack.outcome.caught = 1, len(job.events("Disputed"))
    attack.jury(job, "Guilty")
    voided = [event["worker"] for event in job.events("BallotVoid")]
    attack.expect(voided == [attacker.worker_id], f"ballots of {[cast.name_of(worker) for worker in voided]} are void")
    attack.saw(f"{len(voided)} ballot is void")
    attack.verdict(job, "Wrong")
    attack.slashed(cheat, "WrongResult")
    attack.expect(not job.events("SeatPaid", worker=attacker.worker_id), "the juror was paid")
    gained = sum(stage.wealth(attacker.accounts()).values()) - sum(before.values())
    attack.expect(gained <= 0, "the juror gained")
    strikes = attacker.strikes()
    attack.expect(strikes == 1, f"the juror has {strikes} strikes")
    attack.saw(f"the juror is not paid and has {strikes} strike")
    return attack.end()


ATTACKS = {
    "copying-juror": (
        copying,
        {
            "copying-juror": {"cheat": "copying-juror", "leak": True},
            "copied-cheat": {"cheat": "smaller-model", "leak": True},
        },
    ),
}
