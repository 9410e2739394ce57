"""The command line: one module a command.

Every command ends with 0 when it did its work, 2 when the config or the command line is wrong, and
1 for anything else; what went wrong is one line on stderr.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from extproc import __version__
from extproc.cli import (
    cache,
    calibrate,
    check,
    compare,
    distill,
    engines,
    evaluate,
    experiment,
    explain,
    gate,
    label,
    ledger,
    model,
    render,
    replay,
    score,
    serve,
    sim,
    tenant,
    top,
    train,
    up,
)
from extproc.errors import ConfigError, TiergateError


class Command(Protocol):
    """What a command's module offers; its docstring is the command's help."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what the command takes."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do the work; the exit status."""


COMMANDS: Final[Mapping[str, Command]] = {
    "up": up,
    "serve": serve,
    "check": check,
    "explain": explain,
    "top": top,
    "tenant": tenant,
    "render": render,
    "sim": sim,
    "engines": engines,
    "model": model,
    "score": score,
    "train": train,
    "distill": distill,
    "evaluate": evaluate,
    "label": label,
    "ledger": ledger,
    "calibrate": calibrate,
    "cache": cache,
    "gate": gate,
    "replay": replay,
    "compare": compare,
    "experiment": experiment,
}


def run(argv: Sequence[str]) -> int:
    """Run one command; its exit status."""
    arguments = _parser().parse_args(argv)
    try:
        return COMMANDS[arguments.command].run(arguments)
    except ConfigError as error:
        print(f"tiergate: {error}", file=sys.stderr)
        return 2
    except (TiergateError, OSError) as error:
        print(f"tiergate: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tiergate",
        description="An LLM gateway that decides, request by request, which tier answers.",
    )
    parser.add_argument("--version", action="version", version=f"tiergate {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        text = command.__doc__ or ""
        one = commands.add_parser(
            name,
            help=text.splitlines()[0],
            description=text,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(one)
    return parser
