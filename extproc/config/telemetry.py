"""The section `telemetry`: what is said of requests, besides the metrics."""

from typing import Annotated, Literal

from msgspec import Meta, Struct


class Otlp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An OpenTelemetry collector, by OTLP over gRPC without TLS: one in the pod or on the node.

    Envoy sends a span of each request, and the router one of the model's call and one of the
    decision below it, with the same trace context that the tier gets. `sample` is the share of the
    traces that begin here; what a client has begun follows its own mark. `metrics` sends histograms
    of the GenAI conventions too, in the names that are published or that come next.
    """

    endpoint: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]+:[0-9]{1,5}$")]
    service: Annotated[str, Meta(min_length=1)] = "tiergate"
    sample: Annotated[float, Meta(ge=0, le=1)] = 1.0
    metrics: bool = True
    conventions: Literal["published", "next"] = "published"


class Telemetry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`log_sample` is the share of the requests that went well whose line is written; of those that
    failed all are. The choice follows the request's id, so replicas and restarts agree.
    `envoy_log` has Envoy write lines of its own too, in the same keys.
    """

    log_sample: Annotated[float, Meta(ge=0, le=1)] = 1.0
    envoy_log: bool = False
    otlp: Otlp | None = None
