"""Print the Envoy bootstrap that follows from a config document."""

import argparse

import yaml

from extproc.cli.common import add_config, bootstrap_of
from extproc.config import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_config(parser)
    parser.add_argument("what", choices=("envoy",), help="what to print")


def run(arguments: argparse.Namespace) -> int:
    """0; ConfigError names what is wrong."""
    config = load(arguments.config)
    bootstrap = bootstrap_of(config)
    print(yaml.safe_dump(bootstrap, sort_keys=False), end="")
    return 0
