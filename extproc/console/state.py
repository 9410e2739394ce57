"""What a router is doing, as plain values: the page and `tiergate top` show nothing else."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from extproc import __version__
from extproc.config import Config
from extproc.decision import NO_TIER
from extproc.telemetry import Completed, Snapshot

WINDOW: Final = 300.0
"""Seconds that rates, shares and percentiles look back."""
SHOWN: Final = 50
"""Requests that are listed one by one."""


class Spread(Struct, frozen=True, kw_only=True):
    """Seconds that half, and 95 in 100, of the requests took at most; None where there is none."""

    p50: float | None = None
    p95: float | None = None


class TierState(Struct, frozen=True, kw_only=True):
    """One tier over the window. `share` is its part of what tiers answered, in [0, 1]."""

    name: str
    model: str
    requests: int
    failed: int
    share: float
    first_byte: Spread
    duration: Spread
    prompt_tokens: int
    completion_tokens: int


class Replica(Struct, frozen=True, kw_only=True):
    """One server of a tier as it last said of itself; `saturation` is 1 where it is full."""

    tier: str
    address: str
    ready: bool
    running: float
    waiting: float
    saturation: float


class Line(Struct, frozen=True, kw_only=True):
    """One request that has ended; `at` is when it began, in seconds since 1970. `broken` says that
    its tier did not bring the answer to an end.
    """

    at: float
    request_id: str
    path: str
    tenant: str
    tier: str
    served_by: str
    reason: str
    score: str
    status: int
    failed: bool
    broken: bool
    first_byte: float | None
    duration: float | None
    tokens: int | None
    cost_microdollars: int | None


class State(Struct, frozen=True, kw_only=True):
    """All of it. Money is what this process has counted since it started: `cost` of what was
    answered, `saved` against the dearest tier with the same tokens, in micro-dollars.

    `seconds` is the time that the counts, shares and percentiles are of: the window, or less where
    so many requests come that those of its beginning are no longer kept. `beats` are the requests
    of each second of the last minute of it by tier, the oldest first.
    """

    version: str
    now: float
    seconds: float
    requests: int
    failed: int
    per_second: float
    tiers: tuple[TierState, ...]
    reasons: Mapping[str, int]
    beats: Mapping[str, tuple[int, ...]]
    recent: tuple[Line, ...]
    replicas: tuple[Replica, ...]
    cost_microdollars: int
    saved_microdollars: int
    config_current: bool
    redis_up: bool | None
    playground: bool


def state(
    config: Config,
    records: Sequence[Completed],
    counted: Snapshot,
    *,
    now: float,
    since: float = 0.0,
    replicas: Sequence[Replica] = (),
) -> State:
    """`now` and `since` are in seconds since 1970, and `records` has all that began since then;
    `counted` are the process's metrics.
    """
    seconds = max(min(WINDOW, now - since), 1.0)
    window = [record for record in records if now - record.started <= seconds]
    answered = Counter(record.served_by for record in window)
    money = _sums(counted, "tiergate_cost_microdollars_total", "on")
    redis = _sums(counted, "tiergate_redis_up", "role").get("state")
    return State(
        version=__version__,
        now=now,
        seconds=seconds,
        requests=len(window),
        failed=sum(record.has_failed for record in window),
        per_second=len(window) / seconds,
        tiers=tuple(
            _tier(tier.name, tier.model, window, answered.total() - answered[NO_TIER])
            for tier in config.tiers
        ),
        reasons=dict(Counter(record.reason for record in window).most_common()),
        beats={tier.name: _beats(tier.name, window, now, seconds) for tier in config.tiers},
        recent=tuple(map(_line, records[: -SHOWN - 1 : -1])),
        replicas=tuple(replicas),
        cost_microdollars=int(money.get("served", 0)),
        saved_microdollars=int(money.get("dearest", 0) - money.get("served", 0)),
        config_current=bool(_sums(counted, "tiergate_config_current", "").get("", 1)),
        redis_up=None if redis is None else bool(redis),
        playground=config.console.playground,
    )


def _tier(name: str, model: str, window: Iterable[Completed], answered: int) -> TierState:
    mine = [record for record in window if record.served_by == name]
    tokens = [record.tokens for record in mine if record.tokens is not None]
    return TierState(
        name=name,
        model=model,
        requests=len(mine),
        failed=sum(record.has_failed for record in mine),
        share=len(mine) / answered if answered else 0.0,
        first_byte=_spread(record.first_byte for record in mine),
        duration=_spread(record.duration for record in mine),
        prompt_tokens=sum(one.prompt for one in tokens),
        completion_tokens=sum(one.completion for one in tokens),
    )


def _spread(numbers: Iterable[float | None]) -> Spread:
    """By the nearest rank."""
    known = sorted(number for number in numbers if number is not None)
    if not known:
        return Spread()
    return Spread(
        p50=known[math.ceil(len(known) * 0.5) - 1], p95=known[math.ceil(len(known) * 0.95) - 1]
    )


def _beats(name: str, window: Iterable[Completed], now: float, seconds: float) -> tuple[int, ...]:
    counts = Counter(
        int(now) - int(record.started) for record in window if record.served_by == name
    )
    return tuple(counts[ago] for ago in range(min(60, int(seconds)) - 1, -1, -1))


def _line(record: Completed) -> Line:
    tokens = record.tokens
    return Line(
        at=record.started,
        request_id=record.request_id,
        path=record.path,
        tenant=record.tenant,
        tier=record.tier,
        served_by=record.served_by,
        reason=record.reason,
        score=record.score,
        status=record.status,
        failed=record.has_failed,
        broken=record.is_broken,
        first_byte=record.first_byte,
        duration=record.duration,
        tokens=None if tokens is None else tokens.prompt + tokens.completion,
        cost_microdollars=record.cost_microdollars,
    )


def _sums(counted: Snapshot, name: str, label: str) -> Mapping[str, float]:
    """The samples of that name added up by one label; by none where the label is empty."""
    sums: Counter[str] = Counter()
    for sample in (sample for family in counted for sample in family.samples):
        if sample.name == name:
            sums[dict(sample.labels).get(label, "")] += sample.value  # type: ignore[assignment]
    return sums
