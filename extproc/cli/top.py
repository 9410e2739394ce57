"""Watch a running router at a terminal: tiers, shares, times, and the requests that ended last.

It asks the page for operators (`server.admin`) once a second, and needs the console's token in
TIERGATE_CONSOLE_TOKEN where one is set. With --once it prints one picture and ends; with --json,
the numbers themselves.
"""

import argparse
import contextlib
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPException
from typing import Final

import msgspec

from extproc.cli.amounts import above_zero, count
from extproc.console.state import State
from extproc.errors import TiergateError

_TOKEN: Final = "TIERGATE_CONSOLE_TOKEN"  # noqa: S105 - the variable's name
_SECONDS: Final = 5.0
_SHORTEST: Final = 0.05
_MEANINGS: Final[Mapping[int, str]] = {
    HTTPStatus.UNAUTHORIZED: f"it wants a token: put it into {_TOKEN}",
    HTTPStatus.NOT_FOUND: "its console is switched off",
}


class Unreachable(TiergateError):
    """Raised where the router does not answer, or does not show its console."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "--admin", default="http://127.0.0.1:9003", metavar="URL", help="the router's admin address"
    )
    parser.add_argument("--interval", type=above_zero, default=1.0, metavar="SECONDS")
    parser.add_argument("--lines", type=count, default=15, help="requests to list")
    parser.add_argument("--once", action="store_true", help="print one picture and end")
    parser.add_argument("--json", action="store_true", help="print the numbers once, as JSON")


def run(arguments: argparse.Namespace) -> int:
    """0 when it was told to end. Unreachable where there is nothing to watch."""
    if arguments.json:
        print(_fetch(arguments.admin).decode())
        return 0
    with contextlib.suppress(KeyboardInterrupt):
        _watch(arguments)
    return 0


def _watch(arguments: argparse.Namespace) -> None:
    from rich.console import Console  # noqa: PLC0415 - 8 MB that no other command needs
    from rich.live import Live  # noqa: PLC0415 - as above

    from extproc.console.terminal import picture  # noqa: PLC0415 - as above

    console, never = Console(), threading.Event()
    if arguments.once:
        console.print(picture(_state(arguments.admin), arguments.lines))
        return
    with Live(console=console, screen=console.is_terminal, auto_refresh=False) as live:
        while True:
            live.update(picture(_state(arguments.admin), arguments.lines), refresh=True)
            never.wait(max(arguments.interval, _SHORTEST))


def _state(admin: str) -> State:
    try:
        return msgspec.json.decode(_fetch(admin), type=State)
    except msgspec.DecodeError:
        raise Unreachable(f"what answers at {admin} is no router of this version") from None


def _fetch(admin: str) -> bytes:
    token = os.environ.get(_TOKEN, "")
    headers = {"authorization": f"Bearer {token}"} if token else {}
    base = admin if "://" in admin else f"http://{admin}"
    try:
        request = urllib.request.Request(f"{base.rstrip('/')}/console/state", headers=headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=_SECONDS) as response:  # noqa: S310 - as given
            body: bytes = response.read()
    except urllib.error.HTTPError as error:
        with error:
            said = error.read(200).decode(errors="replace").strip()
            reason = _MEANINGS.get(error.code, said or f"it says {error.code}")
        raise Unreachable(f"{admin} shows nothing: {reason}") from None
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(f"nothing answers at {admin}: {error}") from None
    return body
