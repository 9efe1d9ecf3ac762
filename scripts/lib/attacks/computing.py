"""Workers that compute something else than asked, or have something else write what they only read."""

from functools import partial

import cheat_report

from attacks.attack import Attack
from attacks.doubted import audited, doubted, given
from attacks.people import GEMMA, TOKENS

# Where a cheat shows by few of its tokens only, outputs as long as those that were calibrated.
LONG = 256
# How many of all audits find it: docs/calibration/smollm2-135m-instruct, "Detection, T = 0.8, starting thresholds", f16.
# Half of an output is padded here, and a quarter at most there: it is found more often.
SEEN = {
    "smaller-model": (1.0, TOKENS),
    "skip-layers": (1.0, TOKENS),
    "four-bit": (1.0, TOKENS),
    "eight-bit": (1.0, TOKENS),
    "other-model": (1.0, TOKENS),
    "smaller-writes": (1.0, TOKENS),
    "four-bit-writes": (0.989, LONG),
    "other-prompt": (1.0, TOKENS),
    "token-less": (1.0, TOKENS),
    "wrong-seed": (1.0, TOKENS),
    "greedy-for-sampled": (1.0, TOKENS),
    "wrong-temperature": (1.0, LONG),
    "padded": (0.959, LONG),
    "eight-bit-writes": (0.0, LONG),
    "lenient-wide": (0.787, LONG),
    "lenient-narrow": (0.0, LONG),
}
# Of results whose owner is doubted.
CERTAIN_PPM = 1_000_000


def early_stop(stage, cast, name):
    """Half of the output and an end token that the model did not choose. The first job is audited without a challenge,
    since what a client picks says nothing of other results: without noise and without the client's secret it is drawn
    for certain."""
    cheat, client = cast.provider(name), cast.client(name)
    expected = "no audit calls it wrong; paid for what it wrote, and the next results are audited for certain"
    attack = Attack(stage, name, expected, [cheat], client)
    with stage.draws.shared():
        attack.begin()
        job = given(attack, client, cheat, temperature=0)
        attack.verdict(job, "Pass", 400)
        judged(attack, job)
        # The client accepts: by chance one in four would be drawn.
        job = given(attack, client, cheat, accepts=True)
        drawn = job.event(180, "AuditDrawn")
        rate = drawn["rate_ppm"]
        attack.saw(f"its next result is audited with a chance of {rate / CERTAIN_PPM:.0%}")
        attack.expect(rate == CERTAIN_PPM, "the next result was audited by chance")
        attack.verdict(job, "Pass", 400)
        judged(attack, job)
    attack.outcome.unseen = len(attack.jobs)
    return attack.end(as_honest=True)


def judged(attack, job):
    """Each auditor has to see the end, and the worker is paid for less than all that was asked for."""
    for report in audited(attack, job):
        seen = report["findings"]["judgement"] == {"Soft": "EarlyStop"}
        attack.expect(seen, f"an auditor says {cheat_report.verdict(report['findings']['judgement'])}")
    show = job.show()
    price, most = (int(show["assignment"][key]) for key in ("committed_price", "price_max"))
    attack.saw(f"{show['commitment']['n_out']} tokens for {price / most:.0%} of the price")
    attack.expect(price < most, "it is paid for what it did not write")


def cast_of(name):
    how = {"cheat": name}
    return {name: how | {"other": GEMMA} if name == "other-model" else how}


ATTACKS = {
    name: (partial(doubted, seen=seen, tokens=tokens), cast_of(name)) for name, (seen, tokens) in SEEN.items()
} | {"early-stop": (early_stop, {"early-stop": {"cheat": "early-stop"}})}
