"""The whole gateway for end-to-end tests: real Envoy, real router, simulated tiers."""

import contextlib
import functools
import json
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Self

import builders
import msgspec
import yaml
from processes import PYTHON, Running, until

from extproc.config import Config
from extproc.dataplane import envoy_binary, render

POLICY: Final[Mapping[str, Any]] = {
    "threshold": {
        "at": 0.5,
        "above": "reasoning",
        "below": "fast",
        "weights": {
            "mathematics": {"weight": 0.9},
            "prompt_tokens": {"weight": 0.2, "full_at": 100000},
        },
    }
}
"""Mathematics goes to the reasoning tier, everything else to the fast one."""
IMPATIENT: Final[Mapping[str, Any]] = {"drain_seconds": 0}
"""A router that ends at once when it is told to, so that a test's end waits for nobody."""
PATIENT: Final[Mapping[str, Any]] = {
    "server": {**IMPATIENT, "deadline_seconds": 5},
    "gateway": {"message_timeout_seconds": 10},
}
"""Sections for tests that are not about time: on a busy machine any decision may take long."""
TRANSPORT: Final[Mapping[str, object]] = json.loads(os.environ.get("TIERGATE_TEST_SERVER", "{}"))
"""More of the section `server`, as `{"transport": "native"}`: all tests run on either transport."""
POLICIES: Final = os.pathsep.join((str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")))
"""The search path with which a router finds the tests' own policies."""
_ASKING: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
"""What a gateway says that serves, and wants to know whom."""


def get(url: str) -> bytes:
    """The body of a GET; urllib's error where the status is not 2xx."""
    with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - loopback
        body: bytes = response.read()
    return body


def served(**sections: Any) -> dict[str, Any]:  # noqa: ANN401 - as the builders'
    """The builders' document with `sections`, on the transport that all tests run on."""
    document = builders.document(**sections)
    document["server"] = {**TRANSPORT, **document.get("server", {})}
    return document


@dataclass(slots=True, kw_only=True)
class Replica:
    """One simulated vLLM."""

    process: Running
    address: str

    def kill(self) -> None:
        """End it at once, without a word to anybody."""
        self.process.send(signal.SIGKILL)
        self.process.wait()

    def fault(self, **fields: object) -> None:
        """Make it fail as the fields say, until `heal`."""
        self._send("POST", json.dumps(fields).encode())

    def heal(self) -> None:
        """Answer normally again."""
        self._send("DELETE", None)

    def seen(self) -> list[dict[str, Any]]:
        """The requests that reached it; a dead one cannot tell of any."""
        if self.process.process.poll() is not None:
            return []
        listed: list[dict[str, Any]] = json.loads(get(f"http://{self.address}/admin/requests"))
        return listed

    def _send(self, method: str, body: bytes | None) -> None:
        request = urllib.request.Request(
            f"http://{self.address}/admin/faults",
            body,
            {"content-type": "application/json"},
            method=method,
        )
        urllib.request.urlopen(request, timeout=5).close()  # noqa: S310 - loopback


@dataclass(slots=True, kw_only=True)
class Gateway:
    """Everything that runs, and where."""

    url: str
    envoy_admin: str
    config_file: Path
    config: Config
    router: Running
    router_address: str
    router_services: str
    router_admin: str
    envoy: Running
    tiers: Mapping[str, list[Replica]]
    stack: contextlib.ExitStack = field(repr=False)
    folder: Path

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, for a socket."""
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        return host, int(port)

    def restart_router(self) -> Self:
        """A new router at the old one's address, after that one has ended."""
        self.router.end()
        self.router = self.stack.enter_context(
            _router(self.folder, self.config_file, self.router_address, self.router_services)
        )
        self.router_admin = self.router.ready()["admin"]
        return self

    def restart_envoy(self) -> Self:
        """A new Envoy with the same bootstrap; whether the router answers it is not asked."""
        self.envoy.end()
        (self.folder / "envoy-admin").unlink()
        bootstrap = yaml.safe_load((self.folder / "envoy.yaml").read_bytes())
        self.envoy = self.stack.enter_context(_envoy(self.folder, bootstrap))
        self.envoy_admin = _envoy_admin(self.folder)
        self.url = _listening(self.envoy_admin)
        return self

    def restart_replica(self, tier: str, number: int = 0) -> Self:
        """A new replica at the old one's address, after that one has ended."""
        old = self.tiers[tier][number]
        old.process.end()
        port = old.address.rpartition(":")[2]
        self.tiers[tier][number] = self.stack.enter_context(
            _replica(self.folder, self.config, tier, number, profile="instant", port=port)
        )
        return self

    def metric(self, name: str, **labels: str) -> float:
        """The sum of the router's samples of that name that carry the labels."""
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        lines = get(f"{self.router_admin}/metrics").decode().splitlines()
        return sum(
            float(line.rpartition(" ")[2])
            for line in lines
            if line.startswith((f"{name} ", f"{name}{{")) and all(one in line for one in wanted)
        )

    def envoy_stat(self, name: str) -> int:
        """One of Envoy's own counters."""
        text = get(f"{self.envoy_admin}/stats?filter=^{name}$").decode()
        return int(text.rpartition(":")[2])


@contextlib.contextmanager
def running(
    folder: Path,
    *,
    replicas: int = 1,
    profile: str | None = "instant",
    flags: Sequence[str] = (),
    listen: str = "127.0.0.1:0",
    log_level: str = "info",
    edit: Callable[[dict[str, Any]], None] | None = None,
    **sections: object,
) -> Iterator[Gateway]:
    """A gateway whose config is the builders' document with `sections` put in.

    `edit` changes Envoy's bootstrap, for limits that the config does not have; `flags` are more of
    the simulator's, and without a `profile` each tier has its own. Where the document has a fleet,
    it names the replicas that were started.
    """
    document = served(**sections)
    config = msgspec.convert(document, Config)
    file = folder / "tiergate.yaml"
    with contextlib.ExitStack() as stack:
        start = functools.partial(_replica, folder, config, profile=profile, flags=flags)
        tiers = {
            tier.name: [stack.enter_context(start(tier.name, one)) for one in range(replicas)]
            for tier in config.tiers
        }
        endpoints = {name: tuple(one.address for one in some) for name, some in tiers.items()}
        if "fleet" in document:
            _place(document, endpoints)
        file.write_text(yaml.safe_dump(document))
        router = stack.enter_context(_router(folder, file, listen, log_level=log_level))
        said = router.ready()
        bootstrap = render(
            config,
            gateway="127.0.0.1:0",
            router=tuple(said["router"]),
            services=said["services"],
            envoy_admin="127.0.0.1:0",
            endpoints=endpoints,
        )
        if edit is not None:
            edit(bootstrap)
        envoy = stack.enter_context(_envoy(folder, bootstrap))
        url = _listening(admin := _envoy_admin(folder))
        until(lambda: _answers(f"{url}/v1/models"), what="the gateway to answer")
        yield Gateway(
            url=url,
            envoy_admin=admin,
            config_file=file,
            config=config,
            router=router,
            router_address=said["grpc"],
            router_services=said["services"],
            router_admin=said["admin"],
            envoy=envoy,
            tiers=tiers,
            stack=stack,
            folder=folder,
        )


def _place(document: dict[str, Any], endpoints: Mapping[str, Sequence[str]]) -> None:
    for tier in document["tiers"]:
        tier["endpoints"] = list(endpoints[tier["name"]])


@contextlib.contextmanager
def _replica(
    folder: Path,
    config: Config,
    tier_name: str,
    number: int,
    *,
    profile: str | None,
    port: str = "0",
    flags: Sequence[str] = (),
) -> Iterator[Replica]:
    tier = config.tier(tier_name)
    names = (tier.model, *(config.models.aliases if tier.serves_aliases else ()))
    argv = (PYTHON, "-m", "extproc.engines.sim", "--port", port)
    timing = ("--profile", profile or tier.profile)
    more = (*timing, "--served-model-name", *names, "--max-model-len", str(tier.max_model_len))
    with Running((*argv, *more, *flags), folder / f"{tier_name}-{number}.log") as process:
        yield Replica(process=process, address=process.ready()["url"].removeprefix("http://"))


@contextlib.contextmanager
def _router(
    folder: Path,
    file: Path,
    listen: str,
    services: str = "127.0.0.1:0",
    *,
    log_level: str = "info",
) -> Iterator[Running]:
    argv = (PYTHON, "-m", "extproc", "serve", "--config", file, "--listen", listen)
    more = ("--services", services, "--admin", "127.0.0.1:0", "--log-level", log_level)
    with Running((*argv, *more), folder / "router.log", PYTHONPATH=POLICIES) as process:
        yield process


@contextlib.contextmanager
def _envoy(folder: Path, bootstrap: Mapping[str, Any]) -> Iterator[Running]:
    file = folder / "envoy.yaml"
    file.write_text(yaml.safe_dump(dict(bootstrap)))
    flags = ("--use-dynamic-base-id", "--concurrency", "1", "--log-level", "warning")
    argv = (envoy_binary(), "-c", file, "--admin-address-path", folder / "envoy-admin", *flags)
    with Running(argv, folder / "envoy.log") as process:
        yield process


def _envoy_admin(folder: Path) -> str:
    file = folder / "envoy-admin"
    until(lambda: file.exists() and bool(file.read_text()), what="Envoy's admin address")
    return f"http://{file.read_text().strip()}"


def _listening(admin: str) -> str:
    until(lambda: _answers(f"{admin}/ready"), what="Envoy to be ready")
    listeners = json.loads(get(f"{admin}/listeners?format=json"))["listener_statuses"]
    where = listeners[0]["local_address"]["socket_address"]
    return f"http://{where['address']}:{where['port_value']}"


def _answers(url: str) -> bool:
    try:
        get(url)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code in _ASKING
    except OSError:
        return False
    return True
