"""Run the whole gateway here: the real Envoy, the router, and a simulated vLLM for each tier.

`--engine none` leaves the tiers out and sends requests to the endpoints that the config names.
With --json, stdout carries one line: {"event":"ready","gateway":"http://…","admin":"http://…"}.
Ctrl-C, or the end of any part, ends all of it.
"""

import argparse
import asyncio
import signal
import sys

from extproc.app import routing
from extproc.cli.common import add_config, address
from extproc.config import Config, load
from extproc.stack import ChildError, Options, Stack, reporter_for
from extproc.telemetry import LEVELS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes; given addresses replace the config's."""
    add_config(parser)
    parser.add_argument("--engine", choices=("sim", "none"), default="sim", help="the tiers")
    parser.add_argument(
        "--gateway",
        type=address,
        metavar="HOST:PORT",
        help="where clients connect; port 0 picks one",
    )
    parser.add_argument(
        "--admin", type=address, metavar="HOST:PORT", help="HTTP address for operators"
    )
    parser.add_argument("--json", action="store_true", help="one JSON line on stdout when ready")
    parser.add_argument("--log-level", choices=LEVELS, default="info")


def run(arguments: argparse.Namespace) -> int:
    """0 when told to stop, 1 when a part ended by itself; ConfigError before anything starts."""
    config = load(arguments.config)
    routing(config)
    reporter = reporter_for(json_ready=arguments.json, terminal=sys.stderr.isatty())
    stack = Stack(_options(arguments, config), reporter)
    try:
        asyncio.run(_run(stack))
    except ChildError as error:
        print(f"tiergate: {error}", file=sys.stderr)
        return 1
    return 0


def _options(arguments: argparse.Namespace, config: Config) -> Options:
    return Options(
        config=config,
        path=arguments.config,
        gateway=arguments.gateway or config.gateway.listen,
        admin=arguments.admin or config.server.admin,
        simulate=arguments.engine == "sim",
        log_level=arguments.log_level,
    )


async def _run(stack: Stack) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stack.run(stop)
