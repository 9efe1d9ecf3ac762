"""One running chain: its commands, its events, and what its accounts have."""

import hashlib
import json
import os
import re
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

import cheat_report

from attacks.draws import Draws

# `System.Account`, before the hashed account.
ACCOUNTS = "26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9"
MODEL = "smollm2-135m-instruct"
ID = re.compile(r"0x[0-9a-f]{64}")


class Failed(Exception):
    """Something did not come as it had to."""


class Stage:
    """A chain whose node is one of its processes, with everybody's files in `folder`."""

    ws = http = None

    def __init__(self, folder):
        self.folder = Path(folder)
        self.bin, self.models = Path(os.environ["BIN"]), Path(os.environ["OGPU_MODELS_DIR"])
        self.draws = Draws()
        self.started, self._processes, self._said = time.monotonic(), [], threading.Lock()
        self._events, self._news = [], threading.Condition()

    def connect(self, address):
        """Where the node answers."""
        self.ws, self.http = f"ws://{address}", f"http://{address}"

    # Programs.

    def say(self, who, text):
        with self._said:
            print(f"[{time.monotonic() - self.started:5.0f} s] {who}: {text}", flush=True)

    def run(self, *command, text=None):
        """What a command prints; its last words on stderr if it fails."""
        done = subprocess.run([str(word) for word in command], input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            words = (done.stderr or done.stdout).strip().splitlines() or ["it says nothing"]
            raise Failed(f"{' '.join(map(str, command[-4:]))}: {words[-1]}")
        return done.stdout

    def command(self):
        """The user's command of nobody in particular."""
        return [self.bin / "ogpu", "--url", self.ws, "--data-dir", self.folder / "nobody"]

    def start(self, command, log, output=subprocess.DEVNULL, **environment):
        """A process in the background that is stopped with the stage."""
        with open(log, "a", encoding="utf-8") as file:
            process = subprocess.Popen(
                [str(word) for word in command], stdout=output, stderr=file, env=os.environ | environment, text=True
            )
        self._processes.append(process)
        return process

    def stop(self, process):
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def close(self):
        running = [process for process in self._processes if process.poll() is None]
        for process in running:
            process.terminate()
        for process in running:
            self.stop(process)

    # Events.

    def follow(self):
        """Reads events of best blocks from here on; with one validator there are no forks."""
        process = self.start([*self.command(), "events", "--best"], self.folder / "events.log", subprocess.PIPE)
        threading.Thread(target=self._read, args=(process,), daemon=True).start()

    def _read(self, process):
        with open(self.folder / "events.jsonl", "w", encoding="utf-8") as file:
            for line in process.stdout:
                file.write(line)
                with self._news:
                    self._events.append(cheat_report.Event(json.loads(line)))
                    self._news.notify_all()

    def events(self, *names, job=None, attempt=None, since=0, **fields):
        """Events of these names, job and attempt with these fields, but for the first `since` of all."""
        with self._news:
            events = self._events[since:]
        return [
            event
            for event in events
            if event.name in names
            and (job is None or event.job == job)
            and (attempt is None or event.attempt == attempt)
            and all(event.fields.get(key) == value for key, value in fields.items())
        ]

    def mark(self):
        """How many events there were so far."""
        with self._news:
            return len(self._events)

    def event(self, seconds, *names, count=1, **which):
        """Waits for `count` such events and returns the last one."""
        end = time.monotonic() + seconds
        while True:
            found = self.events(*names, **which)
            if len(found) >= count:
                return found[count - 1]
            left = end - time.monotonic()
            if left <= 0:
                raise Failed(f"{' or '.join(names)} did not come in {seconds} s ({len(found)} of {count})")
            with self._news:
                self._news.wait(min(left, 1))

    # The chain.

    def rpc(self, *requests):
        """Answers to (method, parameters…), in one batch."""
        batch = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": list(parameters)}
            for number, (method, *parameters) in enumerate(requests)
        ]
        request = urllib.request.Request(self.http, json.dumps(batch).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            answers = sorted(json.load(answer), key=lambda entry: entry["id"])
        for entry in answers:
            if "error" in entry:
                raise Failed(f"the node says {entry['error']}")
        return [entry["result"] for entry in answers]

    def wealth(self, accounts):
        """All that each account owns, free and held, in planck, at one block."""
        accounts = list(accounts)
        (block,) = self.rpc(("chain_getBlockHash",))
        keys = []
        for account in accounts:
            raw = bytes.fromhex(account[2:])
            keys.append(f"0x{ACCOUNTS}{hashlib.blake2b(raw, digest_size=16).hexdigest()}{raw.hex()}")
        answers = self.rpc(*(("state_getStorage", key, block) for key in keys))
        return {account: owned(answer) for account, answer in zip(accounts, answers)}

    def network(self):
        return json.loads(self.run(*self.command(), "--json", "network"))


def owned(storage):
    """Free and reserved planck in an `AccountInfo`; nothing where there is no account."""
    if storage is None:
        return 0
    raw = bytes.fromhex(storage[2:])
    return sum(int.from_bytes(raw[at : at + 16], "little") for at in (16, 32))
