"""The JSON of Envoy's `/config_dump`, whether what is in it came from a file or from istiod."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from extproc.dataplane.pattern import Tree
from extproc.errors import ConfigError

_MANAGER: Final = "envoy.filters.network.http_connection_manager"
_PARTS: Final = {
    "listener": ("static_listeners", "dynamic_listeners"),
    "route_config": ("static_route_configs", "dynamic_route_configs"),
    "cluster": ("static_clusters", "dynamic_active_clusters"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dump:
    """`listeners` are those with an HTTP connection manager, each with the managers it has;
    `clusters` are by name.
    """

    listeners: tuple[tuple[Tree, tuple[Tree, ...]], ...]
    route_configs: tuple[Tree, ...]
    clusters: Mapping[str, Tree]


def read(text: bytes) -> Dump:
    """ConfigError where the text is no dump, or holds none of what a gateway has."""
    try:
        sections = json.loads(text)["configs"]
        listeners = [(one, tuple(_managers(one))) for one in _found(sections, "listener")]
        dump = Dump(
            listeners=tuple(pair for pair in listeners if pair[1]),
            route_configs=tuple(_found(sections, "route_config")),
            clusters={one["name"]: one for one in _found(sections, "cluster")},
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError("this is no config dump of Envoy's") from error
    if not dump.listeners:
        raise ConfigError("the dump has no listener for HTTP: is it the gateway's?")
    return dump


def _found(sections: list[Tree], kind: str) -> Iterator[Tree]:
    for section in sections:
        for part in _PARTS[kind]:
            for entry in section.get(part, ()):
                # A listener that istiod sent stands a step deeper, and may only be on its way.
                inner = entry.get("active_state", entry)
                if kind in inner:
                    yield inner[kind]


def _managers(listener: Mapping[str, Any]) -> Iterator[Tree]:
    chains = (*listener.get("filter_chains", ()), listener.get("default_filter_chain", {}))
    for chain in chains:
        for one in chain.get("filters", ()):
            if one["name"] == _MANAGER:
                # What is empty, a dump leaves out.
                yield {"http_filters": [], **one["typed_config"]}
