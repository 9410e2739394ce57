"""Run the router: Envoy's external processor and access log service.

Prints one JSON line with its addresses when it serves. SIGHUP, or a change of the file, reads the
config again; SIGTERM drains and ends, a second one ends at once.
"""

import argparse
import asyncio
import json

from extproc.app import App, Where
from extproc.cli.amounts import amount
from extproc.cli.common import add_config, address, endpoint
from extproc.config import load
from extproc.telemetry import LEVELS, configure


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes; given addresses replace the config's."""
    add_config(parser)
    parser.add_argument(
        "--listen",
        type=endpoint,
        metavar="ADDRESS",
        help="HOST:PORT or unix:/PATH for Envoy; port 0 picks one",
    )
    parser.add_argument(
        "--services",
        type=address,
        metavar="HOST:PORT",
        help="health and access log, where they have an address of their own",
    )
    parser.add_argument(
        "--admin", type=address, metavar="HOST:PORT", help="HTTP address for operators"
    )
    parser.add_argument("--drain", type=amount, metavar="SECONDS", help="as server.drain_seconds")
    parser.add_argument("--log-level", choices=LEVELS, default="info")


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop; 0. ConfigError and OSError as `App` raises them."""
    configure(arguments.log_level)
    given = {
        "listen": arguments.listen,
        "services": arguments.services,
        "admin": arguments.admin,
        "drain_seconds": arguments.drain,
    }
    overrides = {name: value for name, value in given.items() if value is not None}
    app = App(load(arguments.config), arguments.config, overrides, arguments.log_level)
    return asyncio.run(app.run(_say_ready))


def _say_ready(where: Where) -> None:
    line = {
        "event": "ready",
        "grpc": where.router[0],
        "router": where.router,
        "services": where.services,
        "admin": f"http://{where.admin}",
    }
    print(json.dumps(line), flush=True)
