"""Traces: Envoy's own spans, and what the router needs to know for its own."""

from typing import Final

from extproc.config.telemetry import Otlp
from extproc.dataplane.addresses import endpoint_address, is_fixed
from extproc.dataplane.pattern import Tree, clone, connection_manager, named
from extproc.headers import EXT_PROC_FILTER

CLUSTER: Final = "tiergate_otlp"
_PATTERN: Final = "tiergate_services"


def trace(bootstrap: Tree, otlp: Otlp) -> None:
    """Have Envoy begin a trace for `sample` of the requests that bring none, send its spans to the
    collector, and say in the access log how long the router took.
    """
    manager = connection_manager(bootstrap)
    manager["tracing"] = {
        # Envoy would put the whole path into its span, and a query may hold a key.
        "max_path_tag_length": 1,
        "random_sampling": {"value": otlp.sample * 100},
        "provider": {
            "name": "envoy.tracers.opentelemetry",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig",
                "grpc_service": {"envoy_grpc": {"cluster_name": CLUSTER}},
                "service_name": f"{otlp.service}-envoy",
            },
        },
    }
    log = manager["access_log"][0]["typed_config"]["common_config"]
    log["filter_state_objects_to_log"] = [EXT_PROC_FILTER]
    bootstrap["static_resources"]["clusters"].append(_collector(bootstrap, otlp.endpoint))


def _collector(bootstrap: Tree, endpoint: str) -> Tree:
    cluster = clone(named(bootstrap["static_resources"]["clusters"], _PATTERN))
    cluster["name"] = CLUSTER
    cluster.pop("health_checks", None)
    assignment = cluster["load_assignment"]
    assignment["cluster_name"] = CLUSTER
    address = endpoint_address(endpoint)
    assignment["endpoints"][0]["lb_endpoints"] = [{"endpoint": {"address": address}}]
    if not is_fixed(endpoint):
        cluster["type"] = "STRICT_DNS"
    return cluster
