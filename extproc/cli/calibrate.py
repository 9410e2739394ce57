"""Refit the semantic signal to labels of your own, and choose its threshold for a budget.

Each line of --labels is a JSON object with `prompt` or `messages`, and `fast` and `reasoning`: how
well each tier answered, from 0 to 1. --budget is reasoning<=30%, quality>=95% or cost<=$200/day.
The curve comes from folds that had no part in the fit; --output is what
`signals.semantic.artifact` names, and the last lines are the config that goes with it.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from extproc.cli.amounts import amount
from extproc.cli.output import replace_file
from extproc.errors import ConfigError

if TYPE_CHECKING:
    from extproc.training.budget import Prices
    from extproc.training.tradeoff import Point

_DOCUMENT: Final = """\
signals:
  semantic: {{enabled: true, artifact: {artifact}}}
policy:
  threshold:
    at: {at:.7f}
    above: reasoning
    below: fast
    weights:
      difficulty: {{weight: 1}}"""

_NEAR: Final = 0.01


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--labels", type=Path, required=True, metavar="FILE", help="JSON lines")
    parser.add_argument("--budget", required=True, metavar="BUDGET", help="see above")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="the artifact")
    parser.add_argument(
        "--prices",
        type=amount,
        nargs=2,
        metavar=("FAST", "REASONING"),
        help="dollars a request of each tier",
    )
    parser.add_argument("--requests-per-day", type=amount, metavar="N")
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", help="the curve as .svg, .png or .pdf; [plots]"
    )


def run(arguments: argparse.Namespace) -> int:
    """0; ConfigError names a bad line, or a budget that cannot be met."""
    for line in _steps(arguments):
        print(line)
    return 0


def _steps(arguments: argparse.Namespace) -> Iterator[str]:
    from extproc.training import budget, own, tradeoff  # noqa: PLC0415 - brings in NumPy
    from extproc.training.calibration import calibration  # noqa: PLC0415 - as above
    from extproc.training.metrics import CHANCE  # noqa: PLC0415 - as above

    wanted = budget.parse(arguments.budget)
    prices = None
    if arguments.prices and arguments.requests_per_day is not None:
        fast, reasoning = arguments.prices
        prices = budget.Prices(fast=fast, reasoning=reasoning, requests=arguments.requests_per_day)
    labels = own.load(arguments.labels)
    found = calibration(labels, wanted, prices)
    points = tradeoff.points(found.scores, labels.fast, labels.reasoning)
    yield from tradeoff.table(points, prices)
    yield ""
    yield from tradeoff.plot(points)
    yield ""
    (there,) = tradeoff.points(found.scores, labels.fast, labels.reasoning, (found.share,))
    if arguments.plot:
        _draw(arguments.plot, points, found.share, prices)
    replace_file(arguments.output, found.artifact)
    low, high = found.interval
    area = f"APGR {found.apgr:.3f} [{low:.3f}, {high:.3f}]"
    yield f"{area} on {len(labels.fast)} labels; {CHANCE} is a random choice"
    if low <= CHANCE:
        yield "Not shown to be better than a random choice of the same share: label more."
    quality = f"{there.quality:.3f} [{there.low:.3f}, {there.high:.3f}]"
    yield f"{found.share:.0%} to the reasoning tier: quality {quality}, random {there.random:.3f}"
    if abs(found.sent - found.share) > _NEAR:
        yield f"Too many score alike for that: this threshold sends {found.sent:.0%} of the labels."
    yield ""
    yield _DOCUMENT.format(artifact=json.dumps(str(arguments.output)), at=found.threshold)


def _draw(path: Path, points: "Sequence[Point]", share: float, prices: "Prices | None") -> None:
    from extproc.training.plot import draw  # noqa: PLC0415 - as above

    try:
        draw(path, points, share, prices)
    except ImportError as error:
        raise ConfigError("a plot needs tiergate[plots]", path="--plot") from error
    except ValueError as error:
        raise ConfigError(str(error), path="--plot") from error
