"""Policies without effect."""

from collections.abc import Callable, Mapping

from builders import decision, request, scope
from prometheus_client import CollectorRegistry

from extproc.decision import Verdict
from extproc.learning.shadows import STRIKES, ShadowMetrics, Shadows
from extproc.policies import Policy, build
from extproc.request import InferenceRequest

REQUEST = request()
TIERS = frozenset({"fast", "reasoning"})


class Broken:
    """Raises, or names a tier that does not exist, as often as it is told to."""

    def __init__(self, *tiers: str | None) -> None:
        self._tiers = list(tiers)

    def decide(self, request: InferenceRequest, signals: Mapping[str, float]) -> Verdict:
        """The next of its tiers, an error for None."""
        del request, signals
        tier = self._tiers.pop(0)
        if tier is None:
            raise ValueError
        return Verdict(tier=tier)


class Bench:
    """Shadows, and what they counted."""

    def __init__(self, clock: Callable[[], float] = lambda: 0.0, **policies: Policy) -> None:
        self._registry = CollectorRegistry()
        self._shadows = Shadows(policies, TIERS, ShadowMetrics(self._registry), clock)

    def judge(self) -> Mapping[str, str]:
        """What they say of a request that went to the fast tier."""
        made = decision(signals={"prompt_tokens": 7.0})
        return self._shadows.judge(REQUEST, made)

    def count(self, name: str, **labels: str) -> float:
        """One of the counters."""
        return self._registry.get_sample_value(f"tiergate_shadow_{name}_total", labels) or 0.0


def test_each_says_what_it_would_have_done() -> None:
    """A flip, and the tokens that it would have moved."""
    bench = Bench(
        same=build({"fixed": "fast"}, scope()), other=build({"fixed": "reasoning"}, scope())
    )

    assert {"same": "fast", "other": "reasoning"} == bench.judge()
    labels = {"policy": "other", "tier": "fast", "shadow": "reasoning"}
    assert (1.0, 7.0) == (
        bench.count("decisions", **labels),
        bench.count("prompt_tokens", **labels),
    )
    assert 1.0 == bench.count("decisions", policy="same", tier="fast", shadow="fast")


def test_one_that_fails_hurts_nobody() -> None:
    """It raises, or names a tier that is none."""
    bench = Bench(broken=Broken(None, "gone", "fast"))

    assert ["failed", "failed", "fast"] == [bench.judge()["broken"] for _ in range(3)]
    assert 2.0 == bench.count("failures", policy="broken", cause="error")


def test_one_that_fails_in_a_row_is_switched_off() -> None:
    """It would hold up the requests that come next."""
    bench = Bench(broken=Broken(*[None] * STRIKES))
    found = [bench.judge()["broken"] for _ in range(STRIKES + 2)]

    assert ["failed"] * (STRIKES + 2) == found
    assert 2.0 == bench.count("failures", policy="broken", cause="off")


def test_one_that_is_slow_is_switched_off_too() -> None:
    """What it said too late does not count."""
    ticks = iter(range(100))
    bench = Bench(lambda: float(next(ticks)), slow=build({"fixed": "fast"}, scope()))
    found = [bench.judge()["slow"] for _ in range(STRIKES + 1)]

    assert ["failed"] * (STRIKES + 1) == found
    assert float(STRIKES) == bench.count("failures", policy="slow", cause="slow")
    assert 0.0 == bench.count("decisions", policy="slow", tier="fast", shadow="fast")
