"""Traffic against what the calibration saw, as counters of bins beside the baseline's shares.

The population stability index over any window, sum((p - q) * ln(p / q)), is Prometheus's to work
out (helm/tiergate/files/rules/drift.yaml): counters add up over workers and replicas, an index of
each of them does not.
"""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge

from extproc.decision import Decision
from extproc.signals.baseline import Baseline

_DOMAIN = "domain."
_DIFFICULTY = "difficulty"


class Drift:
    """Counts judged requests by bin; `cheapest` is the tier that is not the reasoning one."""

    def __init__(self, registry: CollectorRegistry, cheapest: str) -> None:
        self._cheapest = cheapest
        self._baseline: Baseline | None = None
        labels = ("of", "bin")
        self._decisions = Counter(
            "tiergate_drift_decisions",
            "Requests that the policy judged, by bin of difficulty, domain and tier.",
            labels,
            registry=registry,
        )
        self._shares = Gauge(
            "tiergate_drift_baseline",
            "The share of each bin when the threshold was chosen.",
            labels,
            registry=registry,
        )

    def compare_with(self, baseline: Baseline | None) -> None:
        """What is expected from now on; nothing is counted without."""
        self._baseline = baseline
        self._shares.clear()
        for labels, share in _expected(baseline):
            self._shares.labels(*labels).set(share)
            self._decisions.labels(*labels)

    def observe(self, decision: Decision) -> None:
        """One judged request; one without text has no difficulty and is left out."""
        difficulty = decision.signals.get(_DIFFICULTY)
        if self._baseline is None or difficulty is None:
            return
        tier = "fast" if decision.tier == self._cheapest else "reasoning"
        for labels in (
            (_DIFFICULTY, str(self._baseline.bin(difficulty))),
            ("domain", _domain(decision.signals)),
            ("tier", tier),
        ):
            self._decisions.labels(*labels).inc()


def _expected(baseline: Baseline | None) -> Iterator[tuple[tuple[str, str], float]]:
    if baseline is None:
        return
    for place, share in enumerate(baseline.difficulty):
        yield (_DIFFICULTY, str(place)), share
    for domain, share in baseline.domains.items():
        yield ("domain", domain), share
    yield ("tier", "fast"), 1 - baseline.reasoning
    yield ("tier", "reasoning"), baseline.reasoning


def _domain(signals: Mapping[str, float]) -> str:
    domains = [name for name in signals if name.startswith(_DOMAIN)]
    return max(domains, key=signals.__getitem__).removeprefix(_DOMAIN)
