"""The section `fleet`: how the tiers' load is learnt, and what it may change of a decision."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

Seconds = Annotated[float, Meta(gt=0)]
Ratio = Annotated[float, Meta(gt=0, le=1)]
Text = Annotated[str, Meta(min_length=1)]


class Scrape(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Each replica's `/metrics`, every `interval_seconds` give or take a fifth.

    A scrape ends after `deadline_seconds` or `max_bytes`; what is older than `stale_seconds` is not
    believed any more.
    """

    interval_seconds: Seconds = 1.0
    deadline_seconds: Seconds = 0.5
    stale_seconds: Seconds = 5.0
    max_bytes: Annotated[int, Meta(ge=1024)] = 4 << 20


class Kubernetes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Replicas by the EndpointSlices of a Service for each tier, asked every `interval_seconds`.

    `services` names the Service of each tier; a tier that is not named keeps its `endpoints`.
    `port` is the name of the slices' port. `namespace` is the pod's own where none is given, and
    `api` the cluster's. Token and CA are the service account's, in the folder `account`.
    """

    services: Annotated[Mapping[str, Text], Meta(min_length=1)]
    port: Text = "http"
    namespace: Text | None = None
    api: Annotated[str, Meta(pattern=r"^https?://[^\s/]+$")] = "https://kubernetes.default.svc"
    account: Text = "/var/run/secrets/kubernetes.io/serviceaccount"
    interval_seconds: Seconds = 5.0


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a replica of a tier can take: saturation is max(waiting / queue, KV usage / kv).

    `ttft_seconds` is the target for the first token; None for no target.
    """

    queue: Annotated[float, Meta(gt=0)] = 8.0
    kv: Ratio = 0.9
    ttft_seconds: Seconds | None = None


class Spill(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which requests may go to another tier than the policy's, once saturation has reached `at`.

    Those whose score is within `margin` of the threshold, and those of `priority` or lower.
    """

    at: Annotated[float, Meta(gt=0)] = 1.0
    margin: Annotated[float, Meta(ge=0, le=1)] = 0.15
    priority: int = -1


class Shed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is refused once every tier that a request may use has reached `spill.at`.

    Priorities below 0 at once; then tenants that got more than an equal share of what was admitted
    lately, which is forgotten by half in `half_life_seconds`; from saturation `all_at` on, all.
    """

    all_at: Annotated[float, Meta(gt=1)] = 2.0
    half_life_seconds: Seconds = 10.0


class Steer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Raises the threshold before `tier` until no more than is wanted goes there.

    `share` bounds the tier's part of all requests; `dollars_per_day` bounds the speed at which all
    tiers together spend, by the document's `prices`. Every `period_seconds` the threshold rises or
    falls by `gain` times the part by which the bound was missed, never below the policy's own and
    never more than `highest` above it.
    """

    tier: Text
    share: Ratio | None = None
    dollars_per_day: Annotated[float, Meta(gt=0)] | None = None
    period_seconds: Seconds = 10.0
    gain: Ratio = 0.1
    highest: Ratio = 0.5

    def __post_init__(self) -> None:
        if (self.share is None) == (self.dollars_per_day is None):
            raise ValueError("needs either share or dollars_per_day")


class Fleet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The tiers' live load. `tiers` has the limits of single tiers, in place of `limits`."""

    scrape: Scrape = Scrape()
    kubernetes: Kubernetes | None = None
    limits: Limits = Limits()
    tiers: Mapping[str, Limits] = {}
    spill: Spill = Spill()
    shed: Shed = Shed()
    steer: Steer | None = None

    def limits_of(self, tier: str) -> Limits:
        """What holds for that tier."""
        return self.tiers.get(tier, self.limits)
