"""Prometheus metrics; `docs/operations.md` says what each is for."""

from collections.abc import Sequence
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    disable_created_metrics,
    generate_latest,
)

from extproc import __version__
from extproc.decision import NO_TIER
from extproc.state import Failure
from extproc.telemetry.observer import Completed, Outcome
from extproc.telemetry.tally import Counts, Tallies, Tally
from extproc.telemetry.totals import Snapshot, exposition, snapshot, total

_DECISION_BUCKETS: Final = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
)  # fmt: skip
_REDIS_BUCKETS: Final = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1)
_COVERAGE_BUCKETS: Final = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0)


class _Redis:
    """What is counted of round trips to Redis."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Tally(
            "tiergate_redis_duration_seconds",
            "Time of one round trip to Redis, those that failed included.",
            buckets=_REDIS_BUCKETS,
            registry=registry,
        )
        self._failures = Counter(
            "tiergate_redis_failures",
            "Round trips to Redis that failed: timeout, connection or response.",
            ("kind",),
            registry=registry,
        )
        self._up = Gauge(
            "tiergate_redis_up",
            "1 where Redis answered when it was last asked; absent until then.",
            ("role",),
            registry=registry,
        )

    def stored(self, seconds: float, failure: Failure | None) -> None:
        self._seconds.observe(seconds)
        self._up.labels("state").set(failure is None)
        if failure is not None:
            self._failures.labels(failure.kind).inc()


class MetricsObserver:
    """Counts into `registry`, where other concerns register theirs; `exposition` is what Prometheus
    scrapes.
    """

    def __init__(self) -> None:
        # A second series for every counter, which nothing reads.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = CollectorRegistry()
        self._decisions = Counts(
            "tiergate_decisions",
            "Requests that the router answered or steered, each with one reason.",
            labels=("tier", "reason"),
            registry=registry,
        )
        self._seconds = Tally(
            "tiergate_decision_duration_seconds",
            "Time in the router for one request.",
            buckets=_DECISION_BUCKETS,
            registry=registry,
        )
        self._stages = Tallies(
            "tiergate_decision_stage_seconds",
            "Time of each part of a decision: read the body, ask shared state, decide.",
            label="stage",
            buckets=_DECISION_BUCKETS,
            registry=registry,
        )
        self._coverage = Tally(
            "tiergate_decision_coverage",
            "Share of the text that was read, of the requests that signals judged.",
            buckets=_COVERAGE_BUCKETS,
            registry=registry,
        )
        self._requests = Counts(
            "tiergate_requests",
            "Requests that Envoy ended, by the tier asked, the tier that answered, and why.",
            labels=("tier", "served_by", "reason", "status"),
            registry=registry,
        )
        self._broken = Counts(
            "tiergate_broken_answers",
            "Answers that began well, and that the tier did not bring to an end.",
            labels=("served_by",),
            registry=registry,
        )
        self._failures = Counter(
            "tiergate_internal_errors", "Bugs that showed themselves.", registry=registry
        )
        self._reloads = Counter(
            "tiergate_config_reloads", "Times the config was read.", ("result",), registry=registry
        )
        self._current = Gauge(
            "tiergate_config_current",
            "1 where the config last read is in force, 0 where an older one had to stay.",
            registry=registry,
        )
        self._redis = _Redis(registry)
        build = Gauge("tiergate_build_info", "Always 1.", ("version",), registry=registry)
        build.labels(__version__).set(1)

    def decided(self, outcome: Outcome) -> None:
        """One decision, its time and its coverage."""
        decision = outcome.decision
        tier = NO_TIER if decision is None else decision.tier
        self._decisions.add((tier, outcome.reason.value))
        self._seconds.observe(outcome.seconds)
        for stage, seconds in outcome.stages.items():
            self._stages.observe(stage, seconds)
        if decision is not None and decision.coverage is not None:
            self._coverage.observe(decision.coverage)
        if decision is not None and decision.failure is not None:
            self._failures.inc()

    def completed(self, record: Completed) -> None:
        """One request as Envoy saw it."""
        self._requests.add((record.tier, record.served_by, record.reason, str(record.status)))
        if record.is_broken:
            self._broken.add((record.served_by,))

    def failed(self, error: Exception) -> None:
        """One bug."""
        del error
        self._failures.inc()

    def config_loaded(self, error: str | None) -> None:
        """One reading of the config."""
        self._reloads.labels("failure" if error else "success").inc()
        self._current.set(0 if error else 1)

    def stored(self, *, seconds: float, failure: Failure | None) -> None:
        """One round trip to Redis."""
        self._redis.stored(seconds, failure)

    def snapshot(self) -> Snapshot:
        """All of it as values."""
        return snapshot(self.registry)

    def exposition(self, others: Sequence[Snapshot] = ()) -> bytes:
        """The text format of Prometheus, with what `others` counted added."""
        if others:
            return exposition(total((self.snapshot(), *others)))
        return generate_latest(self.registry)
