"""Run a decision log through another policy: what it would have decided, from the logged signals.

DECISIONS are files of the log, or its folder; --policy is a whole config document. Only decisions
that the policy made count: not those that a client, a budget or an affinity made.
"""

import argparse
import sys
from pathlib import Path

from extproc.config import load
from extproc.decisionlog.reading import read
from extproc.training import replay


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("decisions", type=Path, nargs="+", metavar="DECISIONS")
    parser.add_argument("--policy", type=Path, required=True, metavar="FILE")


def run(arguments: argparse.Namespace) -> int:
    """0; ConfigError where there is nothing to replay."""
    found = read(arguments.decisions)
    for line in replay.shares(replay.of_log(found, load(arguments.policy))):
        print(line)
    if found.torn:
        print(f"{found.torn} lines were torn, and left out", file=sys.stderr)
    return 0
