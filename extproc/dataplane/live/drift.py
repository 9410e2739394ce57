"""What an operator wants to know of a proxy: is it told what the config says?

Looked at are the verdicts that are stripped, Tiergate's filters in their order with every member
(so also the failure mode), the bounds of a body, and where each kind of request is led.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from extproc import headers
from extproc.config import Config
from extproc.dataplane.clusters import ROUTER, SERVICES
from extproc.dataplane.live.compare import differences
from extproc.dataplane.live.dump import Dump
from extproc.dataplane.live.matching import Request, destination
from extproc.dataplane.pattern import Tree, connection_manager, virtual_host

_OURS: Final = "tiergate."
_PATH: Final = "/v1/chat/completions"
_EARLY: Final = "early_header_mutation_extensions"
_BODY: Final = "request_body_buffer_limit"
_BUFFER: Final = "per_connection_buffer_limit_bytes"


def drifts(config: Config, bootstrap: Tree, dump: Dump) -> Iterator[str]:
    """A sentence for each thing that the proxy of `dump` does otherwise than `bootstrap`, which is
    the one rendered for `config`.
    """
    wanted = bootstrap["static_resources"]["listeners"][0]
    manager = connection_manager(bootstrap)
    # Others are the proxy's own, as for its health.
    ours = [(one, live) for one, lives in dump.listeners for live in lives if _is_ours(live)]
    if not ours:
        yield "no listener has Tiergate's filters"
    for listener, live in ours:
        name = listener["name"]
        yield from differences(wanted[_BUFFER], listener.get(_BUFFER), f"{name}: {_BUFFER}")
        yield from _filters(manager, live, name)
        yield from differences(manager[_EARLY], live.get(_EARLY), f"{name}: {_EARLY}")
        yield from _asked(live, dump.clusters, name)
    yield from _led(config, bootstrap, dump)


def _is_ours(live: Tree) -> bool:
    return any(one["name"].startswith(_OURS) for one in live["http_filters"])


def _filters(wanted: Tree, live: Tree, where: str) -> Iterator[str]:
    ours = {one["name"]: one for one in wanted["http_filters"] if one["name"].startswith(_OURS)}
    theirs = {one["name"]: one for one in live["http_filters"] if one["name"].startswith(_OURS)}
    for name, one in ours.items():
        if name not in theirs:
            yield f"{where}: the filter {name} is missing"
        else:
            yield from differences(
                one["typed_config"], theirs[name]["typed_config"], f"{where}: {name}"
            )
    for name in theirs.keys() - ours.keys():
        yield f"{where}: there is a filter {name} that should not be there"
    common = [name for name in theirs if name in ours]
    if common != [name for name in ours if name in theirs]:
        yield f"{where}: the filters stand in another order: {', '.join(common)}"


def _asked(live: Tree, clusters: Mapping[str, Tree], where: str) -> Iterator[str]:
    """Envoy starts with a gRPC service that leads nowhere, and never asks."""
    for one in live["http_filters"]:
        service = one.get("typed_config", {}).get("grpc_service", {})
        name = service.get("envoy_grpc", {}).get("cluster_name")
        if one["name"].startswith(_OURS) and name is not None and name not in clusters:
            yield f"{where}: {one['name']} asks {name}, and there is no such cluster"


def _led(config: Config, bootstrap: Tree, dump: Dump) -> Iterator[str]:
    """Each virtual host that leads to a tier, asked every kind of request."""
    expected = {one["name"]: one for one in bootstrap["static_resources"]["clusters"]}
    host = virtual_host(bootstrap)
    found = False
    for live in _hosts(dump):
        if any(_tiers(config, dump.clusters, _cluster(route)) for route in live["routes"]):
            found = True
            yield from differences(host[_BODY], live.get(_BODY), f"{live['name']}: {_BODY}")
            yield from _requests(config, (expected, host["routes"]), (dump.clusters, live))
    if not found:
        yield "no route leads to any tier"


def _hosts(dump: Dump) -> Iterator[Tree]:
    for config in dump.route_configs:
        yield from (host for host in config.get("virtual_hosts", ()) if host.get("routes"))


def _cluster(route: Tree) -> str:
    return str(route.get("route", {}).get("cluster", ""))


def _requests(
    config: Config,
    wanted: tuple[Mapping[str, Tree], Sequence[Tree]],
    live: tuple[Mapping[str, Tree], Tree],
) -> Iterator[str]:
    for request in _kinds(config):
        ours = _place(config, wanted[0], destination(wanted[1], request))
        theirs = _place(config, live[0], destination(live[1]["routes"], request))
        if ours != theirs:
            yield f"{live[1]['name']}: {request} goes to {theirs}, and should go to {ours}"


def _kinds(config: Config) -> Iterator[Request]:
    yield Request(method="POST", path=_PATH)
    yield Request(method="GET", path=_PATH)
    yield Request(method="GET", path="/v1/models")
    yield Request(method="POST", path="/metrics")
    for tier in config.tiers:
        chosen = {headers.TIER: tier.name}
        yield Request(method="POST", path=_PATH, headers=chosen)
        yield Request(method="POST", path=_PATH, headers={**chosen, headers.PINNED: "true"})


def _place(config: Config, clusters: Mapping[str, Tree], name: str) -> str:
    """The tiers in the order in which they are tried, or else what the route says."""
    return ", ".join(_tiers(config, clusters, name)) or name


def _tiers(config: Config, clusters: Mapping[str, Tree], cluster: str) -> list[str]:
    """Of a composite its members', of any other its own; tiers of one server go by the first."""
    kind = clusters.get(cluster, {}).get("cluster_type", {})
    members = kind.get("typed_config", {}).get("clusters", [{"name": cluster}])
    return [tier for one in members for tier in _tier(config, one["name"])]


def _tier(config: Config, cluster: str) -> list[str]:
    """By the tier's own name, or by one of its endpoints: `outbound|port||host` is Istio's."""
    if cluster in {ROUTER, SERVICES}:
        return []
    _, _, rest = cluster.partition("|")
    port, _, host = rest.partition("||")
    for tier in config.tiers:
        if f"{host}:{port}" in tier.endpoints:
            return [tier.name]
    for tier in config.tiers:
        if tier.name == cluster:
            return [next(one.name for one in config.tiers if one.endpoints == tier.endpoints)]
    return []
