"""Show what tenants used, what it cost, and what routing saved.

    tiergate ledger --since 7d --by tenant,tier

Reads the ledger that the config names: `state.redis`, or the file `usage.ledger`. Days are UTC.
Money in the table is dollars, in --json and --csv whole micro-dollars. Requests whose usage nobody
could read are in no sum but their own: their tokens and cost are estimates.
"""

import argparse
import asyncio
import csv
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from extproc.cli.common import add_config
from extproc.config import Config, load
from extproc.errors import ConfigError
from extproc.usage.accounting import ledger_of
from extproc.usage.ledger import Row
from extproc.usage.report import AMOUNTS, DIMENSIONS, Line, dollars, report

_SHOWN: Final[Mapping[str, Callable[[int], str]]] = {
    "requests": str,
    "unknown": str,
    "prompt_tokens": str,
    "cached_tokens": str,
    "completion_tokens": str,
    "cost": dollars,
    "saved_against_dearest": dollars,
    "saved_against_cheapest": dollars,
    "estimated_cost": dollars,
}
"""The table's columns; the other forms have all."""
_WIDTH: Final = 200
"""Where no terminal says how wide it is."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_config(parser)
    parser.add_argument(
        "--since", type=_day, default="7d", metavar="7d|DATE", help="the first day (default: 7d)"
    )
    parser.add_argument(
        "--by",
        type=_names,
        default="tenant,tier",
        metavar="NAMES",
        help=f"some of {','.join(DIMENSIONS)} (default: tenant,tier)",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_const", dest="form", const=_as_json)
    form.add_argument("--csv", action="store_const", dest="form", const=_as_csv)
    parser.set_defaults(form=_as_table)


def run(arguments: argparse.Namespace) -> int:
    """0; ConfigError where there is no ledger, LedgerError where it does not answer."""
    rows = asyncio.run(_read(load(arguments.config), arguments.since))
    arguments.form(report(rows, arguments.by), arguments.by)
    return 0


async def _read(config: Config, since: date) -> Sequence[Row]:
    ledger = ledger_of(config)
    if ledger is None:
        raise ConfigError(
            "no ledger is kept: name a file, or set state.redis", path="$.usage.ledger"
        )
    try:
        return await ledger.read(since.isoformat(), _today().isoformat())
    finally:
        await ledger.close()


def _as_table(lines: Sequence[Line], by: Sequence[str]) -> None:
    table = Table(box=SIMPLE, show_footer=len(lines) > 1)
    for number, name in enumerate(by):
        table.add_column(name, "" if number else "all", overflow="fold")
    for name, shown in _SHOWN.items():
        total = shown(sum(line.amounts[name] for line in lines))
        table.add_column(name.replace("_", " "), total, justify="right")
    for line in lines:
        names = (line.names[name] or "-" for name in by)
        table.add_row(*names, *(shown(line.amounts[name]) for name, shown in _SHOWN.items()))
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    console.print(table)


def _as_json(lines: Sequence[Line], _: Sequence[str]) -> None:
    print(msgspec.json.encode([{**line.names, **line.amounts} for line in lines]).decode())


def _as_csv(lines: Sequence[Line], by: Sequence[str]) -> None:
    writer = csv.DictWriter(sys.stdout, (*by, *AMOUNTS), lineterminator="\n")
    writer.writeheader()
    writer.writerows({**line.names, **line.amounts} for line in lines)


def _day(text: str) -> date:
    """A date, or so many days up to today."""
    if re.fullmatch(r"[1-9][0-9]{0,3}d", text):
        return _today() - timedelta(days=int(text[:-1]) - 1)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither like 7d nor a date") from None


def _names(text: str) -> Sequence[str]:
    names = text.split(",")
    if not set(names) <= set(DIMENSIONS) or len(set(names)) < len(names):
        raise argparse.ArgumentTypeError(f"{text!r}: some of {','.join(DIMENSIONS)}")
    return names


def _today() -> date:
    return datetime.now(UTC).date()
