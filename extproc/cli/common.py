"""Arguments that several commands share."""

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from extproc.config import UNIX, Config, default_path, services_address, worker_addresses
from extproc.config.document import Address, Socket
from extproc.config.listening import HIGHEST_PORT, port_of
from extproc.dataplane import render
from extproc.errors import ConfigError

ENVOY_ADMIN: Final = "127.0.0.1:9901"
"""Envoy's own admin page can stop Envoy, so it stays on loopback."""


def add_config(parser: argparse.ArgumentParser) -> None:
    """`--config`, which defaults to the document that ships with the package."""
    parser.add_argument(
        "--config",
        type=Path,
        default=default_path(),
        metavar="FILE",
        help="the config document (default: two tiers on this machine)",
    )


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """For commands that take two documents: a ConfigError says which of them is wrong."""
    try:
        yield
    except ConfigError as error:
        where = str(path) if error.path == "$" else f"{path}: {error.path}"
        raise ConfigError(error.message, path=where) from error


def address(text: str) -> str:
    """`text` where it is a `HOST:PORT` as the config spells it; argparse says that it is not."""
    return _checked(text, Address, "HOST:PORT")


def endpoint(text: str) -> str:
    """As `address`, or `unix:` and a path."""
    return _checked(text, Socket, "HOST:PORT or unix:/PATH")


def _checked(text: str, kind: object, what: str) -> str:
    try:
        checked: str = msgspec.convert(text, kind)
    except msgspec.ValidationError:
        checked = ""
    if not checked or (not checked.startswith(UNIX) and port_of(checked) > HIGHEST_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return checked


def bootstrap_of(config: Config) -> dict[str, Any]:
    """The Envoy bootstrap with the config's own addresses."""
    return render(
        config,
        gateway=config.gateway.listen,
        router=worker_addresses(config.server),
        services=services_address(config.server),
        envoy_admin=ENVOY_ADMIN,
    )
