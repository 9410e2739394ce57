"""Arguments that several commands share."""

import argparse
from pathlib import Path
from typing import Any, Final

import msgspec

from extproc.config import Config, default_path
from extproc.config.document import Address
from extproc.config.loading import port_of
from extproc.dataplane import render

_HIGHEST_PORT: Final = 65_535
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


def address(text: str) -> str:
    """`text` where it is a `HOST:PORT` as the config spells it; argparse says that it is not."""
    try:
        checked: str = msgspec.convert(text, Address)
    except msgspec.ValidationError:
        checked = ""
    if not checked or port_of(checked) > _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return checked


def bootstrap_of(config: Config) -> dict[str, Any]:
    """The Envoy bootstrap with the config's own addresses."""
    return render(
        config,
        gateway=config.gateway.listen,
        router=config.server.listen,
        envoy_admin=ENVOY_ADMIN,
    )
