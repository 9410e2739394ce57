"""The clusters: a composite for each tier that others can stand in for, the tiers, the router."""

from collections.abc import Iterable, Mapping, Sequence

from extproc.config import UNIX, Config, Tier, host_port
from extproc.dataplane.addresses import duration, endpoint_address, is_fixed
from extproc.dataplane.pattern import PATTERN_TIER, Tree, clone, named

Endpoints = Mapping[str, Sequence[str]]

ROUTER = "tiergate_router"
"""The underscore keeps it apart from any tier: a tier's name has none."""
SERVICES = "tiergate_services"
"""Where the access log goes: the router too, but not its workers."""


def composite_name(tier: str) -> str:
    """The cluster that begins with `tier` and goes on to its stand-ins."""
    return f"tier_{tier}"


def stand_ins(config: Config, tier: Tier) -> tuple[str, ...]:
    """The tiers that may answer for `tier`, in order of cost.

    A body fits several tiers only by the public aliases, so both sides must serve them. A tier at
    the same endpoints fails with this one.
    """
    if not tier.serves_aliases:
        return ()
    others = (other for other in config.tiers if other.endpoints != tier.endpoints)
    return tuple(other.name for other in others if other.serves_aliases)


def clusters(
    pattern: Sequence[Tree],
    config: Config,
    *,
    router: Sequence[str],
    services: str,
    endpoints: Endpoints,
) -> list[Tree]:
    """All clusters for `config`, cloned from those of the pattern; `router` has an endpoint for
    each worker.
    """
    timeout = duration(config.gateway.connect_timeout_seconds)
    made = [
        *_composites(named(pattern, composite_name(PATTERN_TIER)), config),
        *(
            _tier(named(pattern, PATTERN_TIER), tier.name, endpoints[tier.name])
            for tier in config.tiers
        ),
        _deciders(named(pattern, ROUTER), config, router, services),
        _router(named(pattern, SERVICES), SERVICES, (services,)),
    ]
    for cluster in made:
        if "connect_timeout" in cluster:
            cluster["connect_timeout"] = timeout
    return made


def _composites(pattern: Tree, config: Config) -> Iterable[Tree]:
    for tier in config.tiers:
        if others := stand_ins(config, tier):
            cluster = clone(pattern)
            cluster["name"] = composite_name(tier.name)
            parts = [{"name": name} for name in (tier.name, *others)]
            cluster["cluster_type"]["typed_config"]["clusters"] = parts
            yield cluster


def _tier(pattern: Tree, tier: str, addresses: Sequence[str]) -> Tree:
    cluster = clone(pattern)
    cluster["name"] = tier
    _place(cluster, tier, addresses)
    return cluster


def _deciders(pattern: Tree, config: Config, addresses: Sequence[str], services: str) -> Tree:
    """The native transport serves decisions alone: its health is asked for at the services' port of
    the same host, and that of a Unix socket, which has none, is not asked for.
    """
    cluster = _router(pattern, ROUTER, addresses)
    native = config.server.transport == "native"
    silent = native and any(address.startswith(UNIX) for address in addresses)
    if silent:
        del cluster["health_checks"]
    for member in cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]:
        member["endpoint"].pop("health_check_config", None)
        if native and not silent:
            member["endpoint"]["health_check_config"] = {"port_value": host_port(services)[1]}
    return cluster


def _router(pattern: Tree, name: str, addresses: Sequence[str]) -> Tree:
    cluster = clone(pattern)
    _place(cluster, name, addresses)
    return cluster


def _place(cluster: Tree, name: str, addresses: Sequence[str]) -> None:
    """Give `cluster` its endpoints, each a clone of the pattern's first."""
    assignment = cluster["load_assignment"]
    assignment["cluster_name"] = name
    group = assignment["endpoints"][0]
    pattern = group["lb_endpoints"][0]
    group["lb_endpoints"] = [_endpoint(pattern, name, address) for address in addresses]
    if not all(map(is_fixed, addresses)):
        cluster["type"] = "STRICT_DNS"
        cluster["dns_lookup_family"] = "V4_PREFERRED"


def _endpoint(pattern: Tree, name: str, address: str) -> Tree:
    endpoint = clone(pattern)
    endpoint["endpoint"]["address"] = endpoint_address(address)
    if "metadata" in endpoint:
        endpoint["metadata"]["filter_metadata"]["tiergate"]["tier"] = name
    return endpoint
