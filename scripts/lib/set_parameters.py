#!/usr/bin/env python3
"""Gives a chain other parameters from its first block: reads a plain chain specification from stdin, writes it to stdout.

  ogpu-node export-chain-spec --chain dev | scripts/lib/set_parameters.py 4.0.4=1000 4.1.4=1000

Each argument is GROUP.KEY.BYTES=VALUE, as in `runtime/src/parameters.rs`: the index of the group, the index in it, the bytes of
the number (4 for u32, 16 for u128) and the number.
"""
import json
import re
import sys

ARGUMENT = re.compile(r"(\d+)\.(\d+)\.(4|16)=(\d+)")


def encoded(group, key, width, value):
    """The SCALE encoding of a parameter with its new value."""
    return [group, key, 1, *value.to_bytes(width, "little")]


def set_parameters(spec, parameters):
    """Adds `parameters`, each (group, key, bytes of the value, value); the last of a key holds."""
    patch = spec["genesis"]["runtimeGenesis"]["patch"]
    patch["dao"]["parameters"].extend(encoded(*parameter) for parameter in parameters)


def main():
    found = [ARGUMENT.fullmatch(argument) for argument in sys.argv[1:]]
    if not found or None in found:
        sys.exit(__doc__)
    spec = json.load(sys.stdin)
    set_parameters(spec, [tuple(map(int, one.groups())) for one in found])
    json.dump(spec, sys.stdout)


if __name__ == "__main__":
    main()
