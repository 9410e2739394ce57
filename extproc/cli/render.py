"""Print what follows from a config document: Envoy's bootstrap, or how vLLM is started.

`tiergate render vllm` names, for each server or for the one of --tier, the command, its arguments
and its environment, as a container takes them; `tiergate up` starts the same.
"""

import argparse
from collections.abc import Callable, Mapping
from typing import Final

import yaml

from extproc.cli.common import add_config, bootstrap_of
from extproc.config import Config, ModelServer, load, servers
from extproc.config.listening import port_of
from extproc.engines.vllm.flags import MODULE, command
from extproc.engines.vllm.hardware import HARDWARE, Kind
from extproc.errors import ConfigError

_EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - in a container, whose network is the pod's


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_config(parser)
    parser.add_argument("what", choices=sorted(WHAT), help="what to print")
    parser.add_argument("--tier", metavar="NAME", help="vllm: this tier's server alone")
    parser.add_argument(
        "--hardware", type=Kind, choices=list(Kind), default=Kind.T4, help="vllm: the machine"
    )


def run(arguments: argparse.Namespace) -> int:
    """0; ConfigError names what is wrong."""
    made = WHAT[arguments.what](load(arguments.config), arguments)
    print(yaml.safe_dump(made, sort_keys=False, width=1000), end="")
    return 0


def _envoy(config: Config, _: argparse.Namespace) -> Mapping[str, object]:
    return bootstrap_of(config)


def _vllm(config: Config, arguments: argparse.Namespace) -> Mapping[str, object]:
    made = {
        tier.name: _started(server, arguments.hardware)
        for server in servers(config)
        for tier in server.tiers
    }
    if arguments.tier is None:
        return made
    if arguments.tier not in made:
        raise ConfigError(f"no tier is called {arguments.tier!r}", path="$.tiers")
    return made[arguments.tier]


def _started(server: ModelServer, kind: Kind) -> Mapping[str, object]:
    port = port_of(server.tier.endpoints[0])
    said = command(server, HARDWARE[kind], host=_EVERYWHERE, port=port)
    return {
        "command": ["python3", "-m", MODULE],
        "args": list(said.arguments),
        "env": dict(said.env),
    }


WHAT: Final[Mapping[str, Callable[[Config, argparse.Namespace], Mapping[str, object]]]] = {
    "envoy": _envoy,
    "vllm": _vllm,
}
