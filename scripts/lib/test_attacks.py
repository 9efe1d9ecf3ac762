"""Tests of what judges attacks: an attack that came to what it had to, then one thing amiss at a time."""

import copy
import threading
import unittest

import cheat_report
import set_parameters
from attacks import auditors, figures, genesis, report
from attacks.attack import JOB_FEES, Attack, Outcome, closed
from attacks.cast import ATTACKS, groups
from attacks.draws import Draws
from attacks.stage import owned

OGPU = cheat_report.OGPU
LEDGER = {"escrowed": 100, "held": 0, "provider": 50, "validators": 2, "treasury": 2, "audit_fund": 1}
LEDGER |= {"audit_premium": 5, "refunded": 40}


class Somebody:
    def __init__(self, account):
        self.account = account

    def accounts(self):
        return [self.account]


class OneJob:
    id = "0x" + "11" * 32

    def __init__(self, ledger):
        self.ledger = ledger

    def show(self):
        return {"ledger": {key: str(value) for key, value in self.ledger.items()}}


class FakeStage:
    """Wealth as the test says, and no events."""

    def __init__(self):
        self.owns = {"attacker": 10 * OGPU, "client": 5 * OGPU}

    def mark(self):
        return 0

    def wealth(self, accounts):
        return {account: self.owns[account] for account in accounts}


class AttackTest(unittest.TestCase):
    def attack(self, attacker=-OGPU, client=-60, ledger=LEDGER, forfeited=0, **end):
        """The outcome of an attack after which attacker and client have so much more."""
        stage = FakeStage()
        attack = Attack(stage, "some", "to fail", [Somebody("attacker")], Somebody("client"))
        attack.begin()
        attack.jobs, attack.forfeited = [OneJob(ledger)], forfeited
        stage.owns["attacker"] += attacker
        stage.owns["client"] += client
        return attack.end(**end)

    def test_attack_should_be_fine_when_it_costs_the_attacker_and_nobody_else(self):
        outcome = self.attack()
        self.assertEqual((outcome.faults, outcome.honest_lost), ([], 0))

    def test_attack_should_be_amiss_when_somebody_gains_or_loses_who_must_not(self):
        self.assertIn("gained", self.attack(attacker=0).faults[0])
        self.assertEqual(self.attack(attacker=0, gain_allowed=True).faults, [])
        self.assertEqual(self.attack(client=-60 - JOB_FEES).faults, [])
        self.assertIn("the client lost", self.attack(client=-61 - JOB_FEES).faults[0])
        # Of what the attacker lost, 60 planck were the price of the job.
        self.assertEqual(self.attack(attacker=-160, least=100).faults, [])
        self.assertIn("beyond the price", self.attack(attacker=-159, least=100).faults[0])

    def test_cheat_that_nobody_can_see_should_gain_what_its_jobs_pay_and_no_more(self):
        self.assertEqual(self.attack(attacker=50, as_honest=True).faults, [])
        self.assertIn("more than its jobs pay", self.attack(attacker=51, as_honest=True).faults[0])
        # Its client's challenge was in vain.
        lost = -60 - JOB_FEES - 7
        self.assertEqual(self.attack(client=lost, forfeited=7).faults, [])
        self.assertIn("the client lost", self.attack(client=lost, forfeited=6).faults[0])

    def test_ledger_should_be_amiss_when_it_holds_or_lacks_something(self):
        for key, fault in (("held", "still holds"), ("provider", "does not sum up")):
            outcome = Outcome("some", "")
            closed(outcome, OneJob.id, LEDGER | {key: LEDGER[key] + 1})
            self.assertIn(fault, outcome.faults[0])

    def test_summary_should_say_what_is_amiss(self):
        good = Outcome("good", "", ["caught"], 2 * OGPU, OGPU, checked=1, caught=1)
        text, passed = report.summary([good], {"honest-1": 5}, cheat_report.SUPPLY, [])
        self.assertTrue(passed)
        self.assertIn("good          2.0000  1.0000  -1.0000       0.0000", text)
        self.assertIn("happened: caught", text)
        self.assertIn("found wrong: 1 (100%)", text)
        missed = copy.copy(good)
        missed.caught = 0
        for outcome, supply, faults, words in (
            (missed, cheat_report.SUPPLY, [], "not found"),
            (good, cheat_report.SUPPLY + 1, [], "the supply is"),
            (good, cheat_report.SUPPLY, ["somebody lost"], "AMISS: somebody lost"),
            (Outcome("failed", "", faults=["it broke"]), cheat_report.SUPPLY, [], "failed: it broke"),
        ):
            text, passed = report.summary([outcome], {}, supply, faults)
            self.assertFalse(passed, words)
            self.assertIn(words, text)

    def test_honest_owner_should_be_amiss_when_it_lost_or_was_blamed(self):
        before = {"anna": 10 * OGPU, "bela": 10 * OGPU}
        fine = {"anna": 11 * OGPU, "bela": 10 * OGPU - report.FEES}
        self.assertEqual(report.honest_faults(before, fine, {"cheat"}, {"anna": 0}), [])
        self.assertEqual(
            report.honest_faults(before, {"anna": 9 * OGPU, "bela": 10 * OGPU}, {"bela"}, {"anna": 1}),
            ["anna lost 1 OGPU", "bela was slashed", "anna has 1 strikes"],
        )


class ChainTest(unittest.TestCase):
    def test_account_should_own_what_is_free_and_what_is_reserved(self):
        numbers = [7, 1, 1, 0]
        raw = b"".join(number.to_bytes(4, "little") for number in numbers)
        raw += b"".join(number.to_bytes(16, "little") for number in (3 * OGPU, 2 * OGPU, OGPU, 0))
        self.assertEqual(owned("0x" + raw.hex()), 5 * OGPU)
        self.assertEqual(owned(None), 0)

    def test_genesis_should_keep_the_supply_and_take_from_the_richest_holder(self):
        balances = [["reserve", 10 * OGPU], ["poor", OGPU], ["rich", 20 * OGPU]]
        patch = {"balances": {"balances": balances}, "dao": {"parameters": [[1]]}}
        spec = genesis.altered({"genesis": {"runtimeGenesis": {"patch": patch}}}, {"new": 3, "other": 2})
        patch = spec["genesis"]["runtimeGenesis"]["patch"]
        self.assertEqual(
            patch["balances"]["balances"],
            [["reserve", 10 * OGPU], ["poor", OGPU], ["rich", 15 * OGPU], ["new", 3 * OGPU], ["other", 2 * OGPU]],
        )
        self.assertEqual(patch["dao"]["parameters"][0], [1])
        self.assertEqual(len(patch["dao"]["parameters"]), 1 + len(genesis.PARAMETERS))
        self.assertEqual(set_parameters.encoded(4, 3, 4, 120), [4, 3, 1, 120, 0, 0, 0])


class FiguresTest(unittest.TestCase):
    FOUND = {"judgement": "Pass", "e_milli": 7, "worst_chunk": {"Some": "0x020c"}, "k": {"Some": 5}, "x": 4, "b": 2}

    def wrong(self, **found):
        return figures.are_wrong(self.FOUND | found, {"tau_output_milli": 7, "tau_chunk_milli": 12})

    def test_figures_should_be_wrong_beyond_any_threshold_only(self):
        self.assertFalse(self.wrong())
        self.assertTrue(self.wrong(e_milli=8))
        self.assertTrue(self.wrong(worst_chunk={"Some": "0x020d"}))
        self.assertTrue(self.wrong(worst_chunk={"Some": [2, 1_000]}))
        self.assertTrue(self.wrong(x=5))
        self.assertTrue(self.wrong(b=3))
        # Too short for the token test.
        self.assertFalse(self.wrong(x=5, b=3, k="None", worst_chunk="None"))
        self.assertTrue(self.wrong(judgement={"Fail": "Ending"}))

    def test_thresholds_should_be_those_of_the_models_arithmetic(self):
        self.assertEqual(figures.thresholds()["profile"], "F16")


class GroupsTest(unittest.TestCase):
    def test_groups_should_hold_all_attacks_and_few_attackers(self):
        found = groups(list(ATTACKS), 12)
        self.assertEqual(found[0][0], auditors.FIRST)
        self.assertEqual(sorted(name for group in found for name in group), sorted(ATTACKS))
        for group in found:
            self.assertLessEqual(sum(len(ATTACKS[name][1]) for name in group), 12)
        # An attack by many is alone.
        self.assertEqual(groups(["lying-pass", "silent"], 1), [["lying-pass"], ["silent"]])


class DrawsTest(unittest.TestCase):
    def begin(self, function):
        thread = threading.Thread(target=function, daemon=True)
        thread.start()
        return thread

    def test_roster_should_be_for_one_alone_until_it_shares(self):
        draws, order, inside, go = Draws(), [], threading.Event(), threading.Event()

        def alone():
            with draws.alone() as share:
                order.append("alone")
                inside.set()
                go.wait(10)
                order.append("shares")
                share()
                second.join(10)
                order.append("leaves")

        def shared():
            with draws.shared():
                order.append("shared")

        first = self.begin(alone)
        self.assertTrue(inside.wait(10))
        second = self.begin(shared)
        second.join(0.05)
        self.assertEqual(order, ["alone"])
        go.set()
        first.join(10)
        self.assertEqual(order, ["alone", "shares", "shared", "leaves"])

    def test_roster_should_not_be_for_one_alone_while_it_is_shared(self):
        draws, order = Draws(), []

        def alone():
            with draws.alone():
                order.append("alone")

        with draws.shared():
            thread = self.begin(alone)
            thread.join(0.05)
            order.append("shared")
        thread.join(10)
        self.assertEqual(order, ["shared", "alone"])


if __name__ == "__main__":
    unittest.main()
