"""EnvoyFilters put onto a bootstrap, as istiod puts them onto what it made itself.

A patch that matches nothing is an error here, where istiod would say nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

Tree = dict[str, Any]
MANAGER: Final = "envoy.filters.network.http_connection_manager"


def apply(bootstrap: Tree, envoy_filter: Tree) -> None:
    """Every patch of the object, in order."""
    for patch in envoy_filter["spec"]["configPatches"]:
        match = patch["match"]
        assert "GATEWAY" == match["context"], "a patch for every proxy of the mesh"
        change = patch["patch"]
        assert _WAYS[patch["applyTo"], change["operation"]](bootstrap, match, change["value"]), (
            f"nothing is matched by {match}"
        )


def merge(base: Tree, patch: Mapping[str, Any]) -> None:
    """Protobuf's merge: messages member by member, lists one behind the other."""
    for key, value in patch.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), dict):
            merge(base[key], value)
        elif isinstance(value, list):
            base[key] = [*base.get(key, []), *value]
        else:
            base[key] = value


def manager(bootstrap: Tree) -> Tree:
    """The configuration of the one connection manager."""
    (chain,) = bootstrap["static_resources"]["listeners"][0]["filter_chains"]
    found: Tree = chain["filters"][0]["typed_config"]
    return found


def _listener(bootstrap: Tree, _: Tree, value: Tree) -> bool:
    merge(bootstrap["static_resources"]["listeners"][0], value)
    return True


def _network_filter(bootstrap: Tree, match: Tree, value: Tree) -> bool:
    assert MANAGER == match["listener"]["filterChain"]["filter"]["name"] == value["name"]
    merge(manager(bootstrap), value["typed_config"])
    return True


def _http_filter(bootstrap: Tree, match: Tree, value: Tree) -> bool:
    wanted = match["listener"]["filterChain"]["filter"]["subFilter"]["name"]
    filters = manager(bootstrap)["http_filters"]
    places = [place for place, one in enumerate(filters) if one["name"] == wanted]
    for place in places:
        filters.insert(place, value)
    return bool(places)


def _route_configuration(bootstrap: Tree, _: Tree, value: Tree) -> bool:
    merge(manager(bootstrap)["route_config"], value)
    return True


def _hosts(bootstrap: Tree) -> list[Tree]:
    hosts: list[Tree] = manager(bootstrap)["route_config"]["virtual_hosts"]
    return hosts


def _virtual_host(bootstrap: Tree, _: Tree, value: Tree) -> bool:
    for host in _hosts(bootstrap):
        merge(host, value)
    return True


def _routes(bootstrap: Tree, match: Tree) -> Iterator[Tree]:
    name = match["routeConfiguration"]["vhost"]["route"]["name"]
    for host in _hosts(bootstrap):
        yield from (route for route in host["routes"] if route["name"] == name)


def _route(bootstrap: Tree, match: Tree, value: Tree) -> bool:
    found = list(_routes(bootstrap, match))
    for route in found:
        merge(route, value)
    return bool(found)


def _new_route(bootstrap: Tree, _: Tree, value: Tree) -> bool:
    for host in _hosts(bootstrap):
        host["routes"].append(value)
    return True


def _cluster(bootstrap: Tree, match: Tree, value: Tree) -> bool:
    name = f"outbound|{match['cluster']['portNumber']}||{match['cluster']['service']}"
    clusters = bootstrap["static_resources"]["clusters"]
    found = [cluster for cluster in clusters if cluster["name"] == name]
    for cluster in found:
        merge(cluster, value)
    return bool(found)


def _new_cluster(bootstrap: Tree, _: Tree, value: Tree) -> bool:
    bootstrap["static_resources"]["clusters"].append(value)
    return True


_WAYS: Final[Mapping[tuple[str, str], Callable[[Tree, Tree, Tree], bool]]] = {
    ("LISTENER", "MERGE"): _listener,
    ("NETWORK_FILTER", "MERGE"): _network_filter,
    ("HTTP_FILTER", "INSERT_BEFORE"): _http_filter,
    ("ROUTE_CONFIGURATION", "MERGE"): _route_configuration,
    ("VIRTUAL_HOST", "MERGE"): _virtual_host,
    ("HTTP_ROUTE", "MERGE"): _route,
    ("HTTP_ROUTE", "ADD"): _new_route,
    ("CLUSTER", "MERGE"): _cluster,
    ("CLUSTER", "ADD"): _new_cluster,
}
