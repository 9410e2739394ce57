"""What is compared: how each is started, which processes it is, and which tier must answer."""

import contextlib
import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from pathlib import Path
from typing import Protocol

import msgspec
import yaml

from extproc.config import Config
from extproc.dataplane import envoy_binary, render
from load.bench import configs
from load.bench.configs import Document, Edit
from load.bench.environments import Environment
from load.bench.processes import ROOT, Service, answers, until


@unique
class Answers(StrEnum):
    """Which tier a subject that works sends the easy and the hard prompt to."""

    BY_DECISION = "by decision"
    """The easy one to `fast`, the hard one to `reasoning`."""
    FAST = "fast"
    """All to `fast`: nobody decides."""
    REASONING = "reasoning"
    """All to `reasoning`: the policy says so."""
    IN_TURN = "in turn"
    """To both, without a look at them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a subject is started: the stand-in's ports by tier, and a folder of its own."""

    ports: Mapping[str, int]
    folder: Path
    stack: contextlib.ExitStack = field(repr=False)

    def start(self, name: str, *argv: str | Path, **variables: str) -> Service:
        """A process that ends with the run."""
        return self.stack.enter_context(Service(name, argv, self.folder, **variables))


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A subject that runs: the port that takes requests, the key of who asks, its processes."""

    port: int
    services: tuple[Service, ...]
    key: str = "none"


class Subject(Protocol):
    """One row of the comparison."""

    @property
    def answers(self) -> Answers:
        """Which tiers answer."""

    @property
    def environment(self) -> Environment | None:
        """Where its software is; None for Tiergate's own environment."""

    def start(self, place: Place) -> Started:
        """Start it; returns once it serves. TimeoutError or RuntimeError where it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoyAlone:
    """Envoy with the shipped listener, changed by `edit`, and no router."""

    edit: Edit
    answers: Answers = Answers.FAST
    environment: Environment | None = None

    def start(self, place: Place) -> Started:
        """As the protocol says."""
        return _envoy(place, configs.document(place.ports, "grpc"), ("127.0.0.1:9",), self.edit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiergate:
    """Envoy and the router, with `sections` put into the shipped config; between the two is a TCP
    connection, or a Unix socket.
    """

    transport: str
    sections: Document
    answers: Answers = Answers.BY_DECISION
    edit: Edit | None = None
    unix: bool = False
    environment: Environment | None = None

    def start(self, place: Place) -> Started:
        """As the protocol says."""
        document = configs.document(place.ports, self.transport, **self.sections)
        if "tenants" in document:
            document["tenants"] = document["tenants"] | {"file": str(place.folder / "tenants")}
        file = place.folder / "tiergate.yaml"
        file.write_text(yaml.safe_dump(document))
        key = _key(file) if "tenants" in document else "none"
        anywhere = "127.0.0.1:0"
        listen = f"unix:{place.folder / 'socket'}" if self.unix else anywhere
        argv = (sys.executable, "-m", "extproc", "serve", "--config", file, "--listen", listen)
        more = ("--services", anywhere, "--admin", anywhere, "--log-level", "warning")
        router = place.start("router", *argv, *more)
        said = router.said()
        envoy = _envoy(place, document, tuple(said["router"]), self.edit, said["services"])
        return Started(port=envoy.port, services=(*envoy.services, router), key=key)


def _key(config: Path) -> str:
    """That of a new tenant; CalledProcessError where the command fails."""
    argv = (sys.executable, "-m", "extproc", "tenant", "create", "bench", "--plan", "all")
    more = ("--config", str(config), "--json")
    made = subprocess.run((*argv, *more), cwd=ROOT, check=True, capture_output=True)
    key: str = json.loads(made.stdout)["key"]
    return key


def _envoy(
    place: Place,
    document: Document,
    router: tuple[str, ...],
    edit: Callable[[Document], None] | None,
    services: str | None = None,
) -> Started:
    """Envoy with one worker, once it listens and its tiers are well."""
    bootstrap = render(
        msgspec.convert(document, Config),
        gateway="127.0.0.1:0",
        router=router,
        services=services,
        envoy_admin="127.0.0.1:0",
    )
    configs.without_health_checks(bootstrap)
    if edit is not None:
        edit(bootstrap)
    file, admin = place.folder / "envoy.yaml", place.folder / "envoy-admin"
    file.write_text(yaml.safe_dump(bootstrap))
    flags = ("--use-dynamic-base-id", "--concurrency", "1", "--log-level", "error")
    argv = (envoy_binary(), "-c", file, "--admin-address-path", admin, *flags)
    service = place.start("envoy", *argv)
    until(lambda: admin.exists() and bool(admin.read_text()), "Envoy's admin address")
    page = f"http://{admin.read_text().strip()}"
    until(lambda: answers(f"{page}/ready"), "Envoy to be ready")
    with urllib.request.urlopen(f"{page}/listeners?format=json") as read:  # noqa: S310 - loopback
        listener = json.load(read)["listener_statuses"][0]
    port = listener["local_address"]["socket_address"]["port_value"]
    return Started(port=port, services=(service,))
