"""Run the whole gateway here: the real Envoy, the router, and a simulated vLLM for each tier.

`--engine vllm` starts real ones at the endpoints that the config names, from the environment that
`tiergate engines install vllm` makes; `--engine none` leaves the tiers out and sends requests to
those endpoints.
With --json, stdout carries one line: {"event":"ready","gateway":"http://…","admin":"http://…"}.
Ctrl-C, or the end of any part, ends all of it.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Final

from extproc.app import routing
from extproc.cli.common import add_config, address
from extproc.cli.engines import add_environment
from extproc.config import Config, load
from extproc.engines.vllm.environment import detect, python_of
from extproc.stack import Engine, Options, Simulator, Stack, Vllm, reporter_for
from extproc.telemetry import LEVELS


def _vllm(arguments: argparse.Namespace) -> Engine:
    return Vllm(python_of(arguments.environment), arguments.hardware or detect())


ENGINES: Final[Mapping[str, Callable[[argparse.Namespace], Engine | None]]] = {
    "none": lambda _: None,
    "sim": lambda _: Simulator(),
    "vllm": _vllm,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes; given addresses replace the config's."""
    add_config(parser)
    parser.add_argument("--engine", choices=sorted(ENGINES), default="sim", help="the tiers")
    add_environment(parser)
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
    """0 when told to stop; ConfigError before anything starts, ChildError where a part ends."""
    config = load(arguments.config)
    routing(config)
    reporter = reporter_for(json_ready=arguments.json, terminal=sys.stderr.isatty())
    stack = Stack(_options(arguments, config), reporter)
    return asyncio.run(_run(stack))


def _options(arguments: argparse.Namespace, config: Config) -> Options:
    return Options(
        config=config,
        path=arguments.config,
        gateway=arguments.gateway or config.gateway.listen,
        admin=arguments.admin or config.server.admin,
        engine=ENGINES[arguments.engine](arguments),
        log_level=arguments.log_level,
    )


async def _run(stack: Stack) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stack.run(stop)
    return 0
