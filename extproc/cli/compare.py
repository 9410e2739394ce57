"""Show where two policies disagree, with examples by signal.

--policy and --against are whole config documents. --decisions are files of a decision log, or its
folder: both policies decide from the logged signals. --prompts is a file of JSON lines with
`prompt` or `messages`: both decide anew.
"""

import argparse
from pathlib import Path

from extproc.cli.amounts import count
from extproc.cli.common import naming
from extproc.config import load
from extproc.decisionlog.reading import read
from extproc.training import replay


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--policy", type=Path, required=True, metavar="FILE", help="after")
    parser.add_argument("--against", type=Path, required=True, metavar="FILE", help="before")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--decisions", type=Path, nargs="+", metavar="DECISIONS")
    source.add_argument("--prompts", type=Path, metavar="FILE")
    parser.add_argument("--examples", type=count, default=3, metavar="N", help="for each signal")


def run(arguments: argparse.Namespace) -> int:
    """0, whether they disagree or not; ConfigError where there is nothing to compare."""
    with naming(arguments.policy):
        policy = load(arguments.policy)
    with naming(arguments.against):
        against = load(arguments.against)
    if arguments.prompts:
        found = replay.of_prompts(arguments.prompts, policy, against)
    else:
        found = replay.of_log(read(arguments.decisions), policy, against)
    for line in replay.shares(found):
        print(line)
    print()
    for line in replay.disagreements(found, arguments.examples):
        print(line)
    return 0
