"""Check a config document, and that the real Envoy accepts what follows from it.

Names the bad key's path and ends with 2 where the document is wrong.
"""

import argparse

from extproc.app import routing
from extproc.cli.common import add_config, bootstrap_of
from extproc.config import load
from extproc.dataplane import validate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_config(parser)
    parser.add_argument(
        "--no-envoy", action="store_true", help="leave Envoy out, where it is not installed"
    )


def run(arguments: argparse.Namespace) -> int:
    """0 where all is well; ConfigError names what is not."""
    config = load(arguments.config)
    routing(config)
    checked = "config"
    if not arguments.no_envoy:
        validate(bootstrap_of(config))
        checked = "config and Envoy bootstrap"
    print(f"{arguments.config}: {checked} are good, {len(config.tiers)} tiers")
    return 0
