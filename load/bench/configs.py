"""Tiergate's configs that are measured, and Envoy's bootstraps without parts of it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import yaml

from extproc.config import default_path

Document = dict[str, Any]
Edit = Callable[[Document], None]
"""Changes Envoy's bootstrap in place."""


def document(ports: Mapping[str, int], transport: str, **sections: object) -> Document:
    """The shipped config with the stand-ins as its tiers.

    A decision may take longer than in service: one that the machine held up would be another one.
    """
    shipped: Document = yaml.safe_load(default_path().read_bytes())
    for tier in shipped["tiers"]:
        tier["endpoints"] = [f"127.0.0.1:{ports[tier['name']]}"]
    server = {"transport": transport, "deadline_seconds": 4.0, "drain_seconds": 0}
    return {
        **shipped,
        "server": server,
        "gateway": {"message_timeout_seconds": 5.0},
        **sections,
    }


FIXED: Final[Document] = {"policy": {"fixed": "reasoning"}, "signals": {}}
"""One tier for everything. Not the default one: that answers where no decision was made, too."""
DEFAULT: Final[Document] = {}
SEMANTIC: Final[Document] = {
    "signals": {"semantic": {"enabled": True}},
    "policy": {
        "threshold": {
            "at": 0.5,
            "above": "reasoning",
            "below": "fast",
            "weights": {"difficulty": {"weight": 1.0}},
        }
    },
}


_PLENTY: Final = {
    "requests_per_minute": 10_000_000,
    "tokens_per_minute": 1_000_000_000,
    "concurrent_requests": 10_000,
}
TENANTS: Final[Document] = {"tenants": {"plans": {"all": _PLENTY}}, "affinity": {}}
"""The shipped policy for tenants with limits, none of which is met, and warm conversations."""


def manager(bootstrap: Document) -> Document:
    """The connection manager of the one listener."""
    listener = bootstrap["static_resources"]["listeners"][0]
    found: Document = listener["filter_chains"][0]["filters"][0]["typed_config"]
    return found


def without_filters(*names: str) -> Edit:
    """Takes filters away."""

    def edit(bootstrap: Document) -> None:
        filters = manager(bootstrap)["http_filters"]
        manager(bootstrap)["http_filters"] = [one for one in filters if one["name"] not in names]

    return edit


def without_health_checks(bootstrap: Document) -> None:
    """An Envoy that was paused takes its tiers for dead. A check in two seconds costs nothing."""
    for cluster in bootstrap["static_resources"]["clusters"]:
        cluster.pop("health_checks", None)


def without_access_log(bootstrap: Document) -> None:
    """Nobody is told of what has been."""
    manager(bootstrap)["access_log"] = []


def without_response_headers(bootstrap: Document) -> None:
    """Answers pass as the tier sent them."""
    routes = manager(bootstrap)["route_config"]
    routes["response_headers_to_remove"] = []
    routes["response_headers_to_add"] = []


def without_router(bootstrap: Document) -> None:
    """The same listener and routes, and no external processor: nobody decides, or hears of it."""
    without_filters("tiergate.ext_proc")(bootstrap)
    without_access_log(bootstrap)


def without_usage(bootstrap: Document) -> None:
    """Nobody counts the tokens of answers."""
    without_filters("tiergate.usage_json", "tiergate.usage_stream")(bootstrap)


def without_edge(bootstrap: Document) -> None:
    """Requests pass as the client sent them, and Envoy's own answers as Envoy writes them."""
    changed = manager(bootstrap)
    for field in ("early_header_mutation_extensions", "local_reply_config"):
        del changed[field]
    for field in ("normalize_path", "merge_slashes", "always_set_request_id_in_response"):
        changed[field] = False
    changed["generate_request_id"] = False


def with_few_headers(bootstrap: Document) -> None:
    """The router is told the path and the length, and no more."""
    filters = manager(bootstrap)["http_filters"]
    processor = next(one for one in filters if one["name"] == "tiergate.ext_proc")
    kept = [{"exact": name} for name in (":method", ":path", "content-length")]
    processor["typed_config"]["forward_rules"]["allowed_headers"]["patterns"] = kept


def without_balancing(bootstrap: Document) -> None:
    """A tier is its cluster, by turns: no composite, no hash, nobody watches for failing."""
    for route in manager(bootstrap)["route_config"]["virtual_hosts"][0]["routes"]:
        if "route" in route:
            route["route"]["cluster"] = route["route"]["cluster"].removeprefix("tier_")
            for field in ("hash_policy", "retry_policy"):
                route["route"].pop(field, None)
    for cluster in bootstrap["static_resources"]["clusters"]:
        if cluster.get("lb_policy") == "MAGLEV":
            cluster["lb_policy"] = "ROUND_ROBIN"
            del cluster["outlier_detection"]


def with_large_log_batches(bootstrap: Document) -> None:
    """Envoy tells of ten times as many requests at once."""
    log = manager(bootstrap)["access_log"][0]["typed_config"]["common_config"]
    log["buffer_flush_interval"] = "0.5s"


def together(*edits: Edit) -> Edit:
    """All of them, one after the other."""

    def edit(bootstrap: Document) -> None:
        for one in edits:
            one(bootstrap)

    return edit


LEVERS: Final[Mapping[str, Edit]] = {
    "access-log": without_access_log,
    "usage": without_usage,
    "reason": without_filters("tiergate.fallback", "tiergate.reason"),
    "response-headers": without_response_headers,
    "edge": without_edge,
    "most-headers": with_few_headers,
    "balancing": without_balancing,
}
"""Parts of the shipped Envoy config, by what is missing without them."""
WITHOUT_ALL: Final = together(*LEVERS.values())


def bare(bootstrap: Document) -> None:
    """The router filter alone: no verdicts, no counts, no edge. What a proxy cannot do without."""
    without_router(bootstrap)
    without_response_headers(bootstrap)
    changed = manager(bootstrap)
    changed["http_filters"] = changed["http_filters"][-1:]
    for field in ("early_header_mutation_extensions", "local_reply_config"):
        del changed[field]
    changed["generate_request_id"] = False
