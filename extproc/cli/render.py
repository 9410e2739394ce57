"""Print what follows from a config document: Envoy's bootstrap, or how vLLM is started.

With --values, what a deployment of the Helm chart will run: its bootstrap, its vLLM, and by
`tiergate render istio` its objects of the mesh.
`tiergate render vllm` names, for each server or for the one of --tier, the command, its arguments
and its environment, as a container takes them; `tiergate up` starts the same.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml

from extproc.cli import chart
from extproc.cli.common import add_config, bootstrap_of
from extproc.config import Config, ModelServer, decode, load, servers
from extproc.config.listening import port_of
from extproc.engines.vllm.flags import MODULE, command
from extproc.engines.vllm.hardware import HARDWARE, Kind
from extproc.errors import ConfigError

ISTIO: Final = "istio"
_EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - in a container, whose network is the pod's


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_config(parser)
    parser.add_argument("what", choices=sorted((*WHAT, ISTIO)), help="what to print")
    parser.add_argument(
        "--values", type=Path, action="append", default=[], metavar="FILE",
        help="values of the chart, in place of a config; may stand several times",
    )  # fmt: skip
    parser.add_argument(
        "--chart", type=Path, default=chart.CHART, metavar="DIR", help=f"the chart ({chart.CHART})"
    )
    parser.add_argument("--namespace", default="default", help="the release's namespace")
    parser.add_argument("--tier", metavar="NAME", help="vllm: this tier's server alone")
    parser.add_argument(
        "--hardware", type=Kind, choices=list(Kind), default=Kind.T4, help="vllm: the machine"
    )


def run(arguments: argparse.Namespace) -> int:
    """0; ConfigError names what is wrong."""
    made: Sequence[Mapping[str, object]]
    if arguments.what == ISTIO:
        made = chart.mesh(arguments.chart, arguments.values, arguments.namespace)
    else:
        made = [WHAT[arguments.what](_config(arguments), arguments)]
    print(yaml.safe_dump_all(made, sort_keys=False, width=1000), end="")
    return 0


def _config(arguments: argparse.Namespace) -> Config:
    if not arguments.values:
        return load(arguments.config)
    return decode(chart.document(arguments.chart, arguments.values, arguments.namespace))


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
