"""Label prompts of your own: ask both tiers through the gateway, and say which answer does.

--prompts is a file of JSON lines with `prompt` or `messages`, and `reference` for --by exact;
--decisions are decision logs that hold prompts. --by judge asks a model behind any
OpenAI-compatible address, in both orders and blind; --by hand asks you, as blind.
Every label is on the disk at once, so that Ctrl-C and a crash lose nothing: the same command goes
on where it ended. A second Ctrl-C waits for nothing. --output is what `calibrate` and `gate` take;
the answers stand beside it, in FILE.answers.
Keys come from the environment: TIERGATE_API_KEY for the gateway, TIERGATE_JUDGE_KEY for the judge.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import aiohttp
from rich.console import Console
from rich.progress import Progress

from extproc.cli.amounts import above_zero, amount, count, web_address
from extproc.cli.common import add_config
from extproc.config import load
from extproc.errors import ConfigError
from extproc.labelling import estimate
from extproc.labelling.client import Client, Endpoint, Pace
from extproc.labelling.graders import Exact, Grader, Hand, Judge
from extproc.labelling.journal import Journal
from extproc.labelling.run import Answers, Label, Labelling, Tally
from extproc.labelling.tasks import Task, of_decisions, of_prompts, sample

_PRICED: Final = ("fast", "reasoning", "judge")
_SECONDS: Final = 600.0
"""An answer that takes longer is none."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_config(parser)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--prompts", type=Path, metavar="FILE")
    source.add_argument("--decisions", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="the labels")
    parser.add_argument("--by", choices=("exact", "judge", "hand"), required=True)
    parser.add_argument(
        "--gateway",
        type=web_address,
        metavar="URL",
        help="(default: the config's, on this machine)",
    )
    parser.add_argument(
        "--models",
        nargs=2,
        metavar=("FAST", "REASONING"),
        help="(default: those of the config's first and last tier)",
    )
    parser.add_argument("--judge", type=web_address, metavar="URL", help="up to and with /v1")
    parser.add_argument("--judge-model", metavar="NAME")
    parser.add_argument("--limit", type=count, metavar="N", help="a random sample of N")
    parser.add_argument("--seed", type=int, default=0, help="of that sample")
    parser.add_argument("--max-tokens", type=count, default=1024, help="of an answer")
    parser.add_argument("--judge-tokens", type=count, default=512, help="of a judgement")
    parser.add_argument(
        "--rate", type=above_zero, default=2.0, help="requests a second, all together"
    )
    parser.add_argument("--concurrency", type=count, default=4, help="prompts at a time")
    parser.add_argument(
        "--price",
        nargs=3,
        action="append",
        default=[],
        metavar=("MODEL", "IN", "OUT"),
        help="fast, reasoning or judge: dollars for a million tokens",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before it starts")


def run(arguments: argparse.Namespace) -> int:
    """0 once all is labelled, 1 where some is left; ConfigError before anything is asked."""
    if arguments.by == "judge" and not (arguments.judge and arguments.judge_model):
        raise ConfigError("--by judge needs --judge and --judge-model")
    if arguments.by == "hand" and not _at_a_terminal():
        raise ConfigError("--by hand needs a terminal")
    prices = dict(map(_price, arguments.price))
    tasks = (
        of_prompts(arguments.prompts) if arguments.prompts else of_decisions(arguments.decisions)
    )
    if arguments.by == "exact":
        tasks = _with_reference(tasks)
    tasks = sample(tasks, arguments.limit, arguments.seed)
    beside = arguments.output.with_name(f"{arguments.output.name}.answers")
    with Journal(arguments.output, Label) as labels, Journal(beside, Answers) as answers:
        left = [task for task in tasks if task.key not in labels.entries]
        print(f"{len(tasks)} prompts, {len(tasks) - len(left)} of them labelled", file=sys.stderr)
        if left and not _agreed(arguments, left, answers.entries.keys(), prices):
            return 1
        tally = Tally()
        with contextlib.suppress(asyncio.CancelledError, KeyboardInterrupt):
            asyncio.run(_Run(arguments, answers, labels).run(left, tally))
    return _summary(tally, len(left))


class _Run:
    """One run's wiring."""

    def __init__(
        self, arguments: argparse.Namespace, answers: Journal[Answers], labels: Journal[Label]
    ) -> None:
        self._arguments = arguments
        self._answers = answers
        self._labels = labels
        self._stop = asyncio.Event()

    async def run(self, tasks: Sequence[Task], tally: Tally) -> None:
        """Label them, stopping at the first SIGINT and ending at the second."""
        with _interrupted(self._stop), _progress(self._arguments, len(tasks)) as said:
            timeout = aiohttp.ClientTimeout(total=_SECONDS)
            async with aiohttp.ClientSession(timeout=timeout) as http:
                client = Client(http, Pace(self._arguments.rate))
                labelling = self._labelling(client, said)
                await labelling.run(tasks, tally, self._arguments.concurrency, self._stop)

    def _labelling(self, client: Client, said: Callable[[Tally], None]) -> Labelling:
        arguments = self._arguments
        config = load(arguments.config)
        fast, reasoning = arguments.models or (config.tiers[0].model, config.tiers[-1].model)
        url = f"{arguments.gateway or f'http://{config.gateway.listen}'}/v1"
        key = os.environ.get("TIERGATE_API_KEY")
        return Labelling(
            client=client,
            fast=Endpoint(url=url, model=fast, max_tokens=arguments.max_tokens, key=key),
            reasoning=Endpoint(url=url, model=reasoning, max_tokens=arguments.max_tokens, key=key),
            grader=self._grader(client),
            by=arguments.by,
            answers=self._answers,
            labels=self._labels,
            said=said,
        )

    def _grader(self, client: Client) -> Grader:
        arguments = self._arguments
        if arguments.by == "hand":
            return Hand(Console(), sys.stdin.fileno(), self._stop)
        if arguments.by == "exact":
            return Exact()
        endpoint = Endpoint(
            url=arguments.judge,
            model=arguments.judge_model,
            max_tokens=arguments.judge_tokens,
            key=os.environ.get("TIERGATE_JUDGE_KEY"),
        )
        return Judge(client, endpoint)


def _price(given: Sequence[str]) -> tuple[str, estimate.Price]:
    name, *dollars = given
    try:
        read, written = map(amount, dollars)
    except argparse.ArgumentTypeError as error:
        raise ConfigError(str(error), path="--price") from error
    if name not in _PRICED:
        raise ConfigError(f"expected one of {', '.join(_PRICED)}", path="--price")
    return name, estimate.Price(read=read, written=written)


def _at_a_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _with_reference(tasks: Sequence[Task]) -> list[Task]:
    """Those whose right answer is known: to ask about others would be paid for nothing."""
    known = [task for task in tasks if task.reference is not None]
    if not known:
        raise ConfigError("no prompt has a `reference`, which --by exact needs")
    if len(known) < len(tasks):
        print(f"{len(tasks) - len(known)} prompts without a reference left out", file=sys.stderr)
    return known


def _agreed(
    arguments: argparse.Namespace,
    tasks: Sequence[Task],
    answered: Container[str],
    prices: Mapping[str, estimate.Price],
) -> bool:
    """Whether it may start: the estimate is shown, and asked about unless --yes says so."""
    found = estimate.parts(
        tasks,
        [task for task in tasks if task.key not in answered],
        max_tokens=arguments.max_tokens,
        judge_tokens=arguments.judge_tokens if arguments.by == "judge" else None,
    )
    for line in estimate.lines(found, prices, arguments.rate):
        print(line, file=sys.stderr)
    if arguments.yes:
        return True
    if not _at_a_terminal():
        raise ConfigError("there is nobody to ask whether to start; say --yes")
    print("Start? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in {"y", "yes"}


@contextlib.contextmanager
def _interrupted(stop: asyncio.Event) -> Iterator[None]:
    """The first SIGINT sets `stop`, a second one cancels the task that is running."""
    loop, running = asyncio.get_running_loop(), asyncio.current_task()
    assert running is not None  # noqa: S101 - a coroutine of ours runs in a task

    def interrupted() -> None:
        if stop.is_set():
            running.cancel()
        stop.set()
        print("Ending what was begun; Ctrl-C again does not wait for it.", file=sys.stderr)

    loop.add_signal_handler(signal.SIGINT, interrupted)
    print("Ctrl-C stops, and loses nothing.", file=sys.stderr)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)


@contextlib.contextmanager
def _progress(arguments: argparse.Namespace, many: int) -> Iterator[Callable[[Tally], None]]:
    """A bar on a terminal; while a person labels, nothing moves on the screen."""
    console = Console(stderr=True)
    still = arguments.by == "hand" or not console.is_terminal
    with Progress(console=console, disable=still) as progress:
        bar = progress.add_task("labelling", total=many)
        yield lambda tally: progress.update(bar, completed=tally.ended)


def _summary(tally: Tally, many: int) -> int:
    said = f"{tally.labelled} labelled, {tally.skipped} skipped, {tally.failed} failed"
    left = many - tally.labelled
    print(f"{said}, {left} left", file=sys.stderr)
    if tally.failure is not None:
        raise tally.failure
    return int(left > 0)
