"""Owners with their workers, and clients: what each does, by the programs that people use."""

import json
import shutil
import time

import cheat_report

from attacks.stage import ID, MODEL, Failed

STAKE = 1_000
# What a machine measures, and what it knows of model files: the same for all workers here.
SHARED_FILES = ("hardware.json", "model-hashes.json")
QUESTION = "Tell me a long story about a lighthouse keeper and the sea."
TOKENS = 128
# What a cheat has write in the place of the model that it serves.
GEMMA = "gemma-3-270m"


class Person:
    """Somebody with a key of its own."""

    def __init__(self, stage, name):
        self.stage, self.name = stage, name
        self.folder = stage.folder / name
        self.folder.mkdir(exist_ok=True)
        self.address = self.keys("import", text=f"//{name}")
        self.id = cheat_report.account(self.address)

    def keys(self, *words, text):
        command = [self.stage.bin / "ogpu", "--data-dir", self.folder / "client", "keys", *words, self.name]
        return self.stage.run(*command, text=text).strip()

    def command(self, *words):
        return [
            self.stage.bin / "ogpu", "--url", self.stage.ws, "--data-dir", self.folder / "client",
            "--models-dir", self.stage.models, "--account", self.name, "--json", *words,
        ]  # fmt: skip

    def ogpu(self, *words):
        """The answer of the user's command, signed by this person."""
        return json.loads(self.stage.run(*self.command("--quiet", *words)))

    def begin(self, *words, log=None):
        """The same in the background, with what it says in a log; it is stopped with the stage."""
        return self.stage.start(self.command(*words), log or self.folder / "background.log")

    def accounts(self):
        return [self.id]


class Provider(Person):
    """An owner with one worker."""

    worker = worker_id = process = None

    def accounts(self):
        return [self.id] if self.worker is None else [self.id, self.worker_id]

    def pair(self, stake=STAKE):
        self.ogpu("provider", "stake", stake)
        words = ["pair", "--json", "--owner", self.address]
        pairing = json.loads(self.stage.run(*self.daemon("ogpu-worker"), *words))
        self.worker, self.worker_id = pairing["worker"], cheat_report.account(pairing["worker"])
        self.ogpu("provider", "pair", pairing["code"], "--allot", STAKE)

    def daemon(self, program):
        return [self.stage.bin / program, "--url", self.stage.ws, "--data-dir", self.folder / "worker"]

    def start(self, cheat=None, slots=1, audits=True, leak=None, other=None, like=None):
        """Starts the daemon, which cheats as `cheat` says, with the model `other` where it takes one; `like` is one that
        has measured this machine."""
        for name in SHARED_FILES if like else ():
            shutil.copy(like.folder / "worker" / name, self.folder / "worker" / name)
        program, environment = "ogpu-worker", {}
        if cheat:
            program, environment = "examples/dishonest_worker", {"OGPU_DISHONEST": cheat}
        if leak:
            environment["OGPU_DISHONEST_LEAK"] = str(leak)
        if other:
            environment["OGPU_DISHONEST_MODEL"] = str(self.stage.models / other)
        settings = ["--model-dir", self.stage.models / MODEL, "--threads", 1, "--slots", slots]
        settings += [] if audits else ["--audit=false"]
        self.process = self.stage.start([*self.daemon(program), *settings, "run"], self.log(), **environment)

    def log(self):
        return self.folder / "worker.log"

    def serves(self, seconds=240):
        """Waits until the daemon serves the model."""
        said(self.log(), " serving ", seconds, self.process)

    def drain(self):
        self.ogpu("provider", "drain", self.worker)

    def resume(self):
        self.ogpu("provider", "resume", self.worker)

    def strikes(self):
        return self.ogpu("provider", "show")["workers"][0]["strikes"]

    def passed_milli(self):
        """Passed audits of texts that count, in 1/1000, and the reputation."""
        kinds = self.ogpu("reputation", self.address, "--kind", "generate")["kinds"]
        return kinds[0]["standing"]["passed_milli"], kinds[0]["standing"]["permille"]


class Client(Person):
    """Somebody who has jobs done."""

    jobs = 0

    def submit(self, worker=None, temperature=0.8, accepts=False, delivers=True, deadline=1_800, tokens=TOKENS):
        """Has a job done, by `worker` alone where one is given; returns once that has the input."""
        self.jobs += 1
        question, log = self.folder / "question", self.folder / f"job-{self.jobs}.log"
        question.write_text(QUESTION, encoding="utf-8")
        words = ["job", "submit", "--model", MODEL, "--prompt-file", question, "--max-tokens", tokens]
        words += ["--temperature", temperature, "--max-price", 2, "--deadline", deadline]
        words += [] if worker is None else ["--worker", worker.worker]
        words += [] if accepts else ["--no-accept"]
        words += ["--wait", "--timeout", 1_200] if delivers else ["--detach"]
        process = self.begin(*words, log=log)
        text = said(log, "has the input" if delivers else " in block ", 90, process)
        return Job(self, ID.search(text).group(), log)


def said(log, words, seconds, process=None):
    """Waits for words in a log and returns it."""
    end = time.monotonic() + seconds
    while words not in (text := log.read_text(encoding="utf-8")):
        failed = process is not None and process.poll() not in (None, 0)
        if failed or time.monotonic() > end:
            raise Failed(f"{log} does not say '{words}' but {text.strip().splitlines()[-1:]}")
        time.sleep(0.2)
    return text


class Job:
    """A job as its client and everybody else see it."""

    def __init__(self, client, job, log):
        self.client, self.stage, self.id, self.log = client, client.stage, job, log

    def event(self, seconds, *names, attempt=0, **which):
        return self.stage.event(seconds, *names, job=self.id, attempt=attempt, **which)

    def events(self, *names, **which):
        return self.stage.events(*names, job=self.id, **which)

    def says(self, seconds, words):
        """Waits for words of the client's program."""
        return said(self.log, words, seconds)

    def challenge(self):
        """Challenges the result once it is there."""
        self.event(300, "Committed")
        self.client.ogpu("job", "challenge", self.id)
        return self.event(30, "Challenged")

    def show(self):
        return self.client.ogpu("job", "show", self.id)
