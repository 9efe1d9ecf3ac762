"""Tests of the demo's report: a chain that did all it has to, then one thing amiss at a time."""

import contextlib
import copy
import io
import json
import tempfile
import unittest
from pathlib import Path

import cheat_report as report

OWNERS = ["bob", "charlie", "dave", "eve", "ferdie", "george", "harriet"]
OWNER = {name: f"0x{index:064x}" for index, name in enumerate(OWNERS, 1)}
WORKER = {name: f"0x{index:064x}" for index, name in enumerate(OWNERS, 101)}
JOBS = {"cheat": "0x" + "11" * 32, "drawn": "0x" + "22" * 32, "challenged": "0x" + "33" * 32}
FEE, STAKE = 400, 1_000 * report.OGPU


def ss58(account):
    number, text = int(account, 16) + (42 << 256) << 16, ""
    while number:
        number, digit = divmod(number, 58)
        text = report.BASE58[digit] + text
    return text


def found(judgement, e_milli):
    return {"judgement": judgement, "e_milli": e_milli, "tokens": 256, "u": 0, "x": 0, "k": {"Some": 12}, "b": 0}


class World:
    """The files of a demo in which everything went well."""

    def __init__(self):
        self.events, self.files, self.block = [], {}, 10
        self.add("Paired", owner=OWNER["bob"], worker=WORKER["bob"])
        self.judged("cheat")
        self.commit("cheat", 1, "george")
        self.on("VerdictGiven", "cheat", 1, verdict="Pass", audited=False)
        amount = STAKE // 20
        self.add("SlashApplied", id=0, owner=OWNER["bob"], amount=str(amount), paid=8 * FEE, to_reserve=str(amount - 8 * FEE))
        self.passed("drawn")
        self.passed("challenged")
        self.add("AuditCounted", owner=OWNER["harriet"], worker=WORKER["harriet"], permille=600)
        premium = self.ledgers()
        for when, stake, permille, fund in (
            ("before", STAKE, 500, 0),
            ("caught", STAKE - amount, 500, premium),
            ("honest", STAKE - amount, 500, premium),
            ("passed", STAKE - amount, 600, 3 * premium - 2 * FEE + 500),
        ):
            self.files |= {
                f"{when}.network": {"supply": {"total": str(report.SUPPLY), "audit_fund": str(fund)}},
                f"{when}.cheat": {"stake": str(stake)},
                f"{when}.honest": {"stake": str(STAKE), "workers": [{"reputation_permille": permille, "strikes": 0}]},
                f"{when}.client": {"held": "77"},
            }
        self.files["names"] = {WORKER[name]: f"{name}'s worker" for name in OWNERS} | {OWNER[name]: name for name in OWNERS}
        self.files["cheat"] = {"attempt": 1, "text": "Once upon a time", "token_ids": [1], "worker": ss58(WORKER["george"])}

    def add(self, name, **fields):
        self.block += 1
        self.events.append({"block": self.block, "pallet": "Some", "event": name, "fields": fields})

    def on(self, name, job, attempt=0, **fields):
        self.add(name, subject={"Work": {"job": JOBS[job], "segment": 0, "attempt": attempt}}, **fields)

    def commit(self, job, attempt, owner):
        self.on("Committed", job, attempt, worker=WORKER[owner])

    def seat(self, job, owner, role):
        self.on("SeatDrawn", job, worker=WORKER[owner], role=role)
        self.on("ReportCommitted", job, worker=WORKER[owner], hash="0xabcd")

    def judged(self, job):
        self.commit(job, 0, "bob")
        self.on("Challenged", job, client="0x00", fee=500)
        self.on("AuditDrawn", job, rate_ppm=1_000_000)
        self.seat(job, "charlie", "First")
        self.on("Opened", job, until=1)
        bad = found({"Fail": "OutputSketch"}, 400)
        self.on("ReportOpened", job, worker=WORKER["charlie"], findings=bad)
        self.on("Disputed", job)
        jurors = ("dave", "eve", "ferdie")
        for juror in jurors:
            self.seat(job, juror, "Juror")
        for juror in jurors:
            self.on("ReportOpened", job, worker=WORKER[juror], findings=bad)
        self.on("JuryDecided", job, outcome="Guilty", seats=3, against=3, for_worker=0)
        for owner in ("charlie", *jurors):
            self.on("SeatPaid", job, worker=WORKER[owner], owner=OWNER[owner], amount=FEE)
        self.add("AuditFailed", owner=OWNER["bob"], permille=400)
        self.add("SlashDeferred", id=0, owner=OWNER["bob"], offence="WrongResult", amount=str(STAKE // 20), due=1)
        self.on("VerdictGiven", job, verdict="Wrong", audited=True)

    def passed(self, job):
        self.commit(job, 0, "harriet")
        if job == "challenged":
            self.on("Challenged", job, client="0x00", fee=500)
        self.on("AuditDrawn", job, rate_ppm=1_000_000)
        self.seat(job, "dave", "First")
        self.on("Opened", job, until=1)
        self.on("ReportOpened", job, worker=WORKER["dave"], findings=found("Pass", 31))
        self.on("SeatPaid", job, worker=WORKER["dave"], owner=OWNER["dave"], amount=FEE)
        self.on("VerdictGiven", job, verdict="Pass", audited=True)

    def ledgers(self):
        ledger = {
            "escrowed": "1000", "held": "0", "provider": "700", "validators": "10", "treasury": "10", "audit_fund": "10",
            "audit_premium": "70", "refunded": "200", "unit": "planck",
        }
        for job in JOBS:
            self.files[f"{job}.show"] = {"state": "Settled", "ledger": dict(ledger)}
        return 80

    def event(self, name, job=None):
        return next(
            event["fields"] for event in self.events
            if event["event"] == name and (job is None or event["fields"]["subject"]["Work"]["job"] == JOBS[job])
        )

    def says(self, command, *jobs):
        """What the report says is amiss; nothing when all is well."""
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            for name, content in self.files.items():
                (Path(folder) / f"{name}.json").write_text(json.dumps(content))
            lines = [json.dumps(event) + "\n" for event in self.events]
            (Path(folder) / "events.jsonl").write_text("".join(lines) + '{"block": 9')
            amiss = io.StringIO()
            with contextlib.redirect_stderr(amiss):
                try:
                    command(report.Chain(folder), *(JOBS[job] for job in jobs))
                except SystemExit as ended:
                    assert ended.code == 1
                    return amiss.getvalue()
        return ""


def cheat(world):
    return world.says(report.cheat, "cheat")


def honest(world):
    return world.says(report.honest, "drawn", "challenged")


class Reports(unittest.TestCase):
    def setUp(self):
        self.world = World()

    def test_report_should_pass_when_all_is_as_it_has_to_be(self):
        self.assertEqual(cheat(self.world), "")
        self.assertEqual(honest(self.world), "")

    def test_account_should_be_read_from_an_address(self):
        alice = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"
        self.assertEqual(report.account("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"), alice)
        self.assertEqual(report.account(ss58(alice)), alice)

    def test_cheat_should_be_amiss_when_one_fact_is_another(self):
        changes = {
            "juror did not dissent": lambda w: w.events[[e["event"] for e in w.events].index("JuryDecided") - 1]["fields"]
            .update(findings=found("Pass", 10)),
            "not of one mind": lambda w: w.event("JuryDecided").update(against=2, for_worker=1),
            "stake did not fall": lambda w: w.files["caught.cheat"].update(stake=str(STAKE)),
            "another amount": lambda w: w.event("SlashApplied").update(amount="1", to_reserve="1", paid=0),
            "ledger does not sum up": lambda w: w.files["cheat.show"]["ledger"].update(refunded="199"),
            "still held": lambda w: w.files["cheat.show"]["ledger"].update(held="1", refunded="199"),
            "supply is": lambda w: w.files["caught.network"]["supply"].update(total=str(report.SUPPLY - 1)),
            "answer of another worker": lambda w: w.files["cheat"].update(worker=ss58(WORKER["bob"])),
            "no answer": lambda w: w.files["cheat"].update(attempt=0),
            "an owner sits twice": lambda w: w.files["names"].update({WORKER["dave"]: "bob's worker"}),
            "the dissent: 0 events": lambda w: w.events.remove(next(e for e in w.events if e["event"] == "Disputed")),
            "audit fund did not get back": lambda w: w.files["caught.network"]["supply"].update(audit_fund="79"),
            "held of the client": lambda w: w.files["caught.client"].update(held="577"),
            "committed after the worker had opened": lambda w: next(
                e for e in w.events if e["event"] == "ReportCommitted"
            ).update(block=99),
        }
        for fault, change in changes.items():
            with self.subTest(fault):
                world = copy.deepcopy(self.world)
                change(world)
                self.assertIn(fault, cheat(world))

    def test_honest_should_be_amiss_when_one_fact_is_another(self):
        changes = {
            "auditor did not pass": lambda w: w.event("ReportOpened", "challenged").update(
                findings=found({"Fail": "HardTokens"}, 10)
            ),
            "somebody dissents": lambda w: w.on("Disputed", "drawn"),
            "verdict is another": lambda w: w.event("VerdictGiven", "drawn").update(audited=False),
            "reputation did not grow": lambda w: w.files["passed.honest"]["workers"][0].update(reputation_permille=500),
            "lost something": lambda w: w.files["passed.honest"]["workers"][0].update(strikes=1),
            "planck too much": lambda w: w.files["passed.network"]["supply"].update(audit_fund="1"),
            "slashed: ['bob', 'harriet']": lambda w: w.add("SlashDeferred", owner=OWNER["harriet"]),
        }
        for fault, change in changes.items():
            with self.subTest(fault):
                world = copy.deepcopy(self.world)
                change(world)
                self.assertIn(fault, honest(world))


if __name__ == "__main__":
    unittest.main()
