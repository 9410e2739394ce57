"""A gateway whose Envoy runs what the chart renders for the mesh."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import builders
import charts
import gateway as harness
import mesh
import pytest
import tokens
import yaml

CLASSIC: Final = "classic"
STANDARD: Final = "gateway"


def values(
    api: str,
    *,
    jwt: bool = False,
    router: Mapping[str, Any] = MappingProxyType({}),
    config: Mapping[str, Any] = MappingProxyType({}),
    hosts: Sequence[str] = ("*",),
) -> str:
    """The builders' two tiers, simulated, judged by the tests' policy; more of the sections."""
    return yaml.safe_dump(
        {
            "tiers": [
                {"name": "fast", "model": builders.FAST_MODEL},
                {"name": "reasoning", "model": builders.REASONING_MODEL},
            ],
            "tierDefaults": {"engine": "sim"},
            "router": {"drainSeconds": 0, **router},
            "config": {"policy": harness.POLICY, **PATIENCE, **config},
            "istio": {
                "api": api,
                "jwt": [tokens.RULE] if jwt else [],
                "gateway": {"hosts": list(hosts)},
            },
        }
    )


PATIENCE: Final = {
    "server": {"deadline_seconds": 5},
    "gateway": {"message_timeout_seconds": 10},
}
"""No decision is given up: these tests are not about time."""


@contextlib.contextmanager
def running(
    folder: Path,
    api: str,
    **more: Any,  # noqa: ANN401 - what `values` takes
) -> Iterator[harness.Gateway]:
    """The whole of it, on loopback."""
    manifests = charts.rendered(more=values(api, **more))

    def enter_mesh(bootstrap: dict[str, Any]) -> None:
        made = mesh.bootstrap(manifests, _endpoints(bootstrap))
        bootstrap.clear()
        bootstrap.update(made)

    with harness.running(folder, edit=enter_mesh, **mesh.gateway_sections(manifests)) as gateway:
        yield gateway


def _endpoints(bootstrap: dict[str, Any]) -> dict[str, Sequence[tuple[str, int]]]:
    """The real addresses under the names of the mesh; each worker of the router has a port."""
    placed: dict[str, Sequence[tuple[str, int]]] = {}
    for cluster in bootstrap["static_resources"]["clusters"]:
        if "load_assignment" in cluster:
            where = list(_addresses(cluster))
            for name, some in _named(cluster["name"], where):
                service, _, port = name.partition(":")
                placed[f"{service}.llm.svc.cluster.local:{port}"] = some
    return placed


def _addresses(cluster: dict[str, Any]) -> Iterator[tuple[str, int]]:
    for one in cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]:
        address = one["endpoint"]["address"]["socket_address"]
        yield address["address"], address["port_value"]


def _named(
    cluster: str, where: Sequence[tuple[str, int]]
) -> Iterator[tuple[str, Sequence[tuple[str, int]]]]:
    if cluster == "tiergate_router":
        yield from ((f"tiergate-router:{9002 + 10 * n}", [one]) for n, one in enumerate(where))
    elif cluster == "tiergate_services":
        yield "tiergate-router:9004", where
    else:
        yield f"tiergate-{cluster}:8000", where


@pytest.fixture(scope="module", params=[CLASSIC, STANDARD])
def meshed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[harness.Gateway]:
    """A gateway of either API for everyone."""
    with running(tmp_path_factory.mktemp("mesh"), request.param) as gateway:
        yield gateway


@pytest.fixture(scope="module", params=[CLASSIC, STANDARD])
def routerless(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[harness.Gateway]:
    """A gateway of either API whose router has gone."""
    with running(tmp_path_factory.mktemp("routerless"), request.param) as gateway:
        gateway.router.end()
        yield gateway


@pytest.fixture(scope="module", params=[CLASSIC, STANDARD])
def guarded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[harness.Gateway]:
    """A gateway of either API that asks for a token."""
    with running(tmp_path_factory.mktemp("guarded"), request.param, jwt=True) as gateway:
        yield gateway


@pytest.fixture(params=[CLASSIC, STANDARD])
def hosted(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[harness.Gateway, dict[str, str]]]:
    """A gateway of either API that is asked by name, and the environment of the chart's test."""
    hosts = ["*.llm.test"]
    (pod,) = charts.of_kind(charts.rendered(more=values(request.param, hosts=hosts)), "Pod")
    (container,) = pod["spec"]["containers"]
    environment = {one["name"]: one["value"] for one in container["env"]}
    with running(tmp_path, request.param, hosts=hosts) as gateway:
        yield gateway, {**environment, "GATEWAY": gateway.url}


@pytest.fixture
def own_mesh(tmp_path: Path) -> Iterator[harness.Gateway]:
    """A gateway that a test may break."""
    with running(tmp_path, CLASSIC) as gateway:
        yield gateway


@pytest.fixture(params=[CLASSIC, STANDARD])
def keyed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[harness.Gateway]:
    """A gateway that serves nobody without a key."""
    tenants = {"plans": {"all": {}}, "file": str(tmp_path / "tenants.json")}
    with running(tmp_path, request.param, config={"tenants": tenants}) as gateway:
        yield gateway


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[harness.Gateway]:
    """A gateway whose router is two processes behind the native transport."""
    router = {"transport": "native", "workers": 2}
    with running(tmp_path, CLASSIC, router=router) as gateway:
        yield gateway
