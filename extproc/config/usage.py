"""How usage is read, and where it is kept."""

from typing import Annotated, Literal

from msgspec import Meta, Struct


class Usage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`source` says who reads token counts in responses: Envoy's own filters, or the router, for
    data planes without them.

    `ledger` is the SQLite file of the ledger where there is no `state.redis`; without either, usage
    is counted and logged, and not kept. Days older than `retention_days` go. A record is known
    again, and not counted twice, for `replay_seconds`. At most `max_pending` records wait for a
    ledger that cannot be written. Metrics name the first `metric_tenants` tenants.
    """

    source: Literal["envoy", "processor"] = "envoy"
    ledger: Annotated[str, Meta(min_length=1)] | None = None
    retention_days: Annotated[int, Meta(ge=1)] = 400
    replay_seconds: Annotated[int, Meta(ge=60)] = 3600
    max_pending: Annotated[int, Meta(ge=100)] = 50_000
    metric_tenants: Annotated[int, Meta(ge=0, le=10_000)] = 50
