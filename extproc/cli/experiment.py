"""Estimate what an experiment's candidate does, from the decision log, at any time.

DECISIONS are files of the log, or its folder. The interval is a confidence sequence: looking at it
every day and stopping when it pleases does not make it wrong more often. --outcomes are lines of
{"request_id": …, "value": 0 to 1}: whatever you know of answers, as users' thumbs.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from extproc.cli.amounts import above_zero
from extproc.decisionlog.reading import read
from extproc.errors import ConfigError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("decisions", type=Path, nargs="+", metavar="DECISIONS")
    parser.add_argument("--name", required=True, metavar="NAME", help="the experiment's")
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--metric",
        default="success",
        metavar="METRIC",
        help="success, first_byte, duration, completion_tokens or cost (default: success)",
    )
    source.add_argument("--outcomes", type=Path, metavar="FILE")
    parser.add_argument("--bound", type=above_zero, metavar="MOST", help="nothing above it counts")


def run(arguments: argparse.Namespace) -> int:
    """0, whatever is shown; ConfigError where there is nothing to look at."""
    from extproc.training import experiment  # noqa: PLC0415 - brings in NumPy

    log = read(arguments.decisions)
    if arguments.outcomes:
        metric = experiment.Metric(of=lambda _: None, bound=1.0, what="said")
        known = experiment.said(arguments.outcomes)
    elif arguments.metric in experiment.METRICS:
        metric = experiment.METRICS[arguments.metric]
        known = experiment.outcomes(log, metric)
    else:
        raise ConfigError(f"expected one of {', '.join(experiment.METRICS)}", path="--metric")
    if arguments.bound is not None:
        metric = replace(metric, bound=arguments.bound)
    found = experiment.trial(log, arguments.name, known)
    for line in experiment.lines(found, metric):
        print(line)
    if log.torn:
        print(f"{log.torn} lines were torn, and left out", file=sys.stderr)
    return 0
