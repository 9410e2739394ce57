"""Say whether a new policy is better than the one in force, on labels of your own.

--policy and --against are whole config documents. Each label's prompt is decided by both, and the
new one is compared with the current one, with the better single tier, and with a random choice of
the same cost. The exit status holds a rollout: 0 better, 2 not shown to be better, 3 worse; 2 also
where the command line or a document is wrong.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from extproc.cli.amounts import amount
from extproc.cli.common import naming
from extproc.config import load

_STATUS: Final[Mapping[str, int]] = {"better": 0, "not shown to be better": 2, "worse": 3}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--policy", type=Path, required=True, metavar="FILE", help="the new one")
    parser.add_argument("--against", type=Path, required=True, metavar="FILE", help="in force")
    parser.add_argument("--labels", type=Path, required=True, metavar="FILE", help="JSON lines")
    parser.add_argument(
        "--worth",
        type=amount,
        metavar="Q",
        help="quality that one answer of the reasoning tier must add to be worth its price"
        " (default: what it adds on these labels; 0 where cost does not matter)",
    )


def run(arguments: argparse.Namespace) -> int:
    """As the docstring says."""
    from extproc.training import gate, own  # noqa: PLC0415 - brings in NumPy

    labels = own.load(arguments.labels)
    with naming(arguments.policy):
        candidate = gate.chosen(load(arguments.policy), labels)
    with naming(arguments.against):
        current = gate.chosen(load(arguments.against), labels)
    found = gate.judge(candidate, current, labels, arguments.worth)
    for line in gate.lines(found):
        print(line)
    return _STATUS[found.verdict]
