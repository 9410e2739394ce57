"""Check a config document, and that the real Envoy accepts what follows from it.

Names the bad key's path and ends with 2 where the document is wrong. With --live, says instead
what a running proxy does otherwise than the document, one thing a line, and ends with 1 where
there is any. The dump is Envoy's own: `curl ADMIN/config_dump`, or in a proxy of Istio's
`pilot-agent request GET config_dump`.
"""

import argparse
from pathlib import Path

from extproc.app import routing
from extproc.cli.common import add_config, bootstrap_of
from extproc.config import Config, load
from extproc.dataplane import live, validate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_config(parser)
    parser.add_argument(
        "--no-envoy", action="store_true", help="leave Envoy out, where it is not installed"
    )
    parser.add_argument(
        "--live", type=Path, metavar="DUMP", help="the config dump of a running proxy, as JSON"
    )


def run(arguments: argparse.Namespace) -> int:
    """0 where all is well, 1 where a running proxy drifted; ConfigError names what is not."""
    config = load(arguments.config)
    routing(config)
    if arguments.live is not None:
        return _compare(config, arguments.live)
    checked = "config"
    if not arguments.no_envoy:
        validate(bootstrap_of(config))
        checked = "config and Envoy bootstrap"
    print(f"{arguments.config}: {checked} are good, {len(config.tiers)} tiers")
    return 0


def _compare(config: Config, dump: Path) -> int:
    found = list(live.drifts(config, bootstrap_of(config), live.read(dump.read_bytes())))
    for drift in found:
        print(drift)
    if not found:
        print(f"{dump}: the proxy does what the config says, {len(config.tiers)} tiers")
    return int(bool(found))
