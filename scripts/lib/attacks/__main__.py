"""Runs attacks on a chain of their own: `scripts/test-attacks` says what they are."""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

from attacks import genesis, report
from attacks.attack import Outcome
from attacks.cast import ATTACKS, Cast, groups
from attacks.people import GEMMA
from attacks.stage import MODEL, Failed, Stage

TABLE = Path("docs/calibration") / MODEL / "whitening.scale"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def begin(stage, cast, port):
    """Starts the chain of this cast and waits until it finalises."""
    spec = json.loads(stage.run(stage.bin / "ogpu-node", "export-chain-spec", "--chain", "dev"))
    path = stage.folder / "spec.json"
    path.write_text(json.dumps(genesis.altered(spec, cast.endowments())), encoding="utf-8")
    node = [
        stage.bin / "ogpu-node", "--chain", path, "--base-path", stage.folder / "node", "--alice", "--validator",
        "--force-authoring", "--unsafe-force-node-key-generation", "--rpc-port", port, "--port", free_port(),
        "--rpc-max-connections", 1_000, "--no-hardware-benchmarks", "--no-prometheus",
    ]  # fmt: skip
    process = stage.start(node, stage.folder / "node.log")
    end = time.monotonic() + 300
    while not finalises(stage):
        if process.poll() is not None or time.monotonic() > end:
            raise Failed(f"the chain does not finalise; its log is {stage.folder / 'node.log'}")
        time.sleep(0.5)


def finalises(stage):
    try:
        (head,) = stage.rpc(("chain_getFinalizedHead",))
        (header,) = stage.rpc(("chain_getHeader", head))
        return int(header["number"], 16) > 0
    except OSError:
        return False


def run_one(stage, cast, name, outcomes):
    try:
        outcomes[name] = ATTACKS[name][0](stage, cast, name)
    except Exception as error:  # Whatever it is, the other attacks go on and this one has failed.
        if not isinstance(error, Failed):
            traceback.print_exc()
        stage.say(name, f"FAILED: {error}")
        outcomes[name] = Outcome(name, "", faults=[f"{type(error).__name__}: {error}"])
    cast.leave(name)


def run_group(stage, cast, names, outcomes):
    """Attacks that take place at once."""
    threads = [threading.Thread(target=run_one, args=(stage, cast, name, outcomes), daemon=True) for name in names]
    for thread in threads:
        thread.start()
        # The first one has the roster before the others ask for it.
        time.sleep(0.1)
    for thread in threads:
        thread.join()


def run(stage, names):
    """All attacks of these names; whether the chain withstood them."""
    port = free_port()
    stage.connect(f"127.0.0.1:{port}")
    cast = Cast(stage, names)
    begin(stage, cast, port)
    stage.say("stage", "a chain of one validator")
    stage.follow()
    cast.register(TABLE)
    cast.open()
    stage.say("stage", "all honest workers serve the model")
    before, mark, outcomes = cast.standing(), stage.mark(), {}
    for group in groups(names):
        cast.enter(group)
        stage.say("stage", f"attacks begin: {', '.join(group)}")
        run_group(stage, cast, group, outcomes)
    after = cast.standing()
    slashed = {cast.name_of(event["owner"]) for event in stage.events("SlashDeferred", since=mark)}
    faults = report.honest_faults(before, after, slashed, cast.strikes())
    honest = {name: after[name] - before[name] for name in before}
    supply = int(stage.network()["supply"]["total"])
    text, passed = report.summary([outcomes[name] for name in names], honest, supply, faults)
    print(f"\n{text}\n\n{time.monotonic() - stage.started:.0f} s in all", flush=True)
    return passed


def possible(names, models):
    """Those attacks whose other model is in the folder `models`."""
    wanted = {name: {who.get("other", MODEL) for who in ATTACKS[name][1].values()} for name in names}
    return [name for name in names if all((models / model).is_dir() for model in wanted[name])]


def main():
    parser = argparse.ArgumentParser(prog="scripts/test-attacks")
    parser.add_argument("names", nargs="*", metavar="NAME", help="attacks, all when none is given: " + ", ".join(ATTACKS))
    named = parser.parse_args().names
    unknown = [name for name in named if name not in ATTACKS]
    if unknown:
        parser.error(f"no such attack: {', '.join(unknown)}; there are {', '.join(ATTACKS)}")
    wanted = named or list(ATTACKS)
    names = possible(wanted, Path(os.environ["OGPU_MODELS_DIR"]))
    if missing := [name for name in wanted if name not in names]:
        text = f"{', '.join(missing)} needs another model: scripts/fetch-models {GEMMA}, under its own terms"
        if named:
            parser.error(text)
        print(f"left out: {text}", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    stage, passed = Stage(tempfile.mkdtemp(prefix="attacks-")), False
    try:
        passed = run(stage, names)
    except (Failed, subprocess.SubprocessError, OSError) as error:
        print(f"FAILED: {error}", file=sys.stderr)
    finally:
        stage.close()
        if passed:
            shutil.rmtree(stage.folder)
        else:
            print(f"logs are kept in {stage.folder}", file=sys.stderr)
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
