#!/usr/bin/env python3
"""Makes another chain out of a raw chain specification: reads it from stdin, writes it to stdout.

  ogpu-node export-chain-spec --chain dev --raw | scripts/lib/alter_spec.py [--wasm FILE [--rename OLD NEW]]

Without arguments only a storage key of no pallet is added: the same chain with another genesis hash. With --wasm
its runtime is that (uncompressed) file; --rename writes one name over another of the same length in it, so that
the runtime's metadata changes and nothing else does.
"""
import argparse
import json
import sys

CODE = "0x3a636f6465"
MARK = "0x" + b"another chain".hex()


def renamed(wasm: bytes, old: str, new: str) -> bytes:
    if len(old) != len(new):
        sys.exit(f"{old} and {new} have to be of one length: the file's tables count bytes")
    if old.encode() not in wasm:
        sys.exit(f"the runtime holds no {old}: take a name from its metadata")
    return wasm.replace(old.encode(), new.encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wasm", metavar="FILE")
    parser.add_argument("--rename", nargs=2, metavar=("OLD", "NEW"))
    arguments = parser.parse_args()
    if arguments.rename and not arguments.wasm:
        parser.error("--rename needs --wasm")
    spec = json.load(sys.stdin)
    top = spec["genesis"]["raw"]["top"]
    top[MARK] = "0x01"
    if arguments.wasm:
        with open(arguments.wasm, "rb") as file:
            wasm = file.read()
        top[CODE] = "0x" + (renamed(wasm, *arguments.rename) if arguments.rename else wasm).hex()
    json.dump(spec, sys.stdout)


if __name__ == "__main__":
    main()
