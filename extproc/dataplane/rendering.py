"""From a config to the bootstrap Envoy runs: the shipped file with the config's values in it."""

from collections.abc import Mapping
from typing import Any, Final

from extproc.config import Config, Tenants, alone, read_headers
from extproc.dataplane.addresses import duration, listening_address
from extproc.dataplane.closing import close
from extproc.dataplane.clusters import clusters
from extproc.dataplane.logging import log
from extproc.dataplane.pattern import Tree, connection_manager, named, shipped, virtual_host
from extproc.dataplane.ratelimits import show
from extproc.dataplane.routes import routes
from extproc.dataplane.tokens import verify
from extproc.dataplane.tracing import trace
from extproc.dataplane.usage import leave_to_router
from extproc.dataplane.watching import watch

MAX_READ_DIGITS: Final = 6
"""A JSON answer of a megabyte or more passes unread: reading it would hold up other streams."""


def render(
    config: Config,
    *,
    gateway: str,
    router: str | tuple[str, ...],
    services: str | None = None,
    envoy_admin: str,
    endpoints: Mapping[str, tuple[str, ...]] | None = None,
) -> dict[str, Any]:
    """The bootstrap for `config`: Envoy listens on `gateway`, asks `router` and is operated at
    `envoy_admin`, each a `host:port`.

    A router of several workers, or on Unix sockets, has an endpoint for each; `services` is where
    it tells its health and takes the access log, where the config does not say it.
    `endpoints` names the replicas of every tier where they are not those of the config, as when a
    tier was started on a free port. ConfigError where Envoy cannot listen on an address.
    """
    bootstrap = shipped()
    bootstrap["admin"]["address"] = listening_address(envoy_admin)
    _bound(bootstrap, config, gateway)
    _fall_back(connection_manager(bootstrap), config)
    if config.usage.source == "processor":
        leave_to_router(connection_manager(bootstrap))
    host = virtual_host(bootstrap)
    host["request_body_buffer_limit"] = config.server.max_body_bytes
    host["routes"] = routes(host["routes"], config)
    workers = (router,) if isinstance(router, str) else router
    beside = workers[0] if alone(config.server) else config.server.services
    resources = bootstrap["static_resources"]
    resources["clusters"] = clusters(
        resources["clusters"],
        config,
        router=workers,
        services=services or beside,
        endpoints=endpoints or {tier.name: tier.endpoints for tier in config.tiers},
    )
    if config.tenants is not None:
        _tell_apart(bootstrap, config.tenants)
    if config.telemetry.envoy_log:
        log(bootstrap)
    if config.telemetry.otlp is not None:
        trace(bootstrap, config.telemetry.otlp)
    return bootstrap


def _tell_apart(bootstrap: Tree, tenants: Tenants) -> None:
    manager = connection_manager(bootstrap)
    close(manager)
    show(manager["route_config"])
    if tenants.jwt is not None:
        verify(bootstrap, tenants.jwt)


def _bound(bootstrap: Tree, config: Config, gateway: str) -> None:
    listener = bootstrap["static_resources"]["listeners"][0]
    listener["address"] = listening_address(gateway)
    listener["per_connection_buffer_limit_bytes"] = config.server.max_body_bytes
    monitors = bootstrap["overload_manager"]["resource_monitors"]
    connections = named(monitors, "envoy.resource_monitors.global_downstream_max_connections")
    maximum = config.gateway.max_connections
    connections["typed_config"]["max_active_downstream_connections"] = maximum


def _fall_back(manager: Tree, config: Config) -> None:
    """What Envoy does while the router has not answered."""
    filters = manager["http_filters"]
    fallback = named(filters, "tiergate.fallback")["typed_config"]["metadata"][0]
    fallback["value"]["tier"] = config.default_tier
    processor = named(filters, "tiergate.ext_proc")["typed_config"]
    shown = processor["forward_rules"]["allowed_headers"]["patterns"]
    shown.extend({"exact": name} for name in read_headers(config))
    processor["message_timeout"] = duration(config.gateway.message_timeout_seconds)
    watch(processor, config)
    _hold_back(named(filters, "tiergate.usage_json")["typed_config"], config.server.max_body_bytes)


def _hold_back(usage: Tree, limit: int) -> None:
    """Let the filter buffer only what `limit` has room for, by the digits of its length."""
    digits = min(len(str(limit)) - 1, MAX_READ_DIGITS)
    matcher = usage["xds_matcher"]["matcher_list"]["matchers"][0]
    length = matcher["predicate"]["single_predicate"]["value_match"]["safe_regex"]
    length["regex"] = f"[0-9]{{1,{digits}}}"
