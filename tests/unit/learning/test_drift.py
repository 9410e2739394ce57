"""Traffic against what the calibration saw."""

import pytest
from builders import decision
from prometheus_client import CollectorRegistry

from extproc.learning.drift import Drift
from extproc.signals.baseline import Baseline

BASELINE = Baseline(
    edges=(0.5,), difficulty=(0.75, 0.25), domains={"code": 0.5, "chat": 0.5}, reasoning=0.25
)
SIGNALS = {"difficulty": 0.6, "domain.code": 0.7, "domain.chat": 0.3}


@pytest.fixture
def registry() -> CollectorRegistry:
    """Where it counts."""
    return CollectorRegistry()


def value(registry: CollectorRegistry, name: str, of: str, place: str) -> float | None:
    """One of its samples."""
    return registry.get_sample_value(f"tiergate_drift_{name}", {"of": of, "bin": place})


@pytest.mark.parametrize(
    ("of", "place", "share", "many"),
    [
        ("difficulty", "0", 0.75, 0),
        ("difficulty", "1", 0.25, 1),
        ("domain", "code", 0.5, 1),
        ("domain", "chat", 0.5, 0),
        ("tier", "fast", 0.75, 0),
        ("tier", "reasoning", 0.25, 1),
    ],
)
def test_a_decision_counts_in_three_bins(
    registry: CollectorRegistry, of: str, place: str, share: float, many: int
) -> None:
    """Every bin is there from the start, with its share of the baseline."""
    drift = Drift(registry, "fast")
    drift.compare_with(BASELINE)
    drift.observe(decision("reasoning", signals=SIGNALS))

    assert share == value(registry, "baseline", of, place)
    assert many == value(registry, "decisions_total", of, place)


@pytest.mark.parametrize(("baseline", "signals"), [(None, SIGNALS), (BASELINE, {})])
def test_nothing_is_counted_where_there_is_nothing_to_compare(
    registry: CollectorRegistry, baseline: Baseline | None, signals: dict[str, float]
) -> None:
    """Without a baseline, or without a text that was judged."""
    drift = Drift(registry, "fast")
    drift.compare_with(baseline)
    drift.observe(decision("fast", signals=signals))

    assert not value(registry, "decisions_total", "tier", "fast")


def test_another_baseline_takes_its_place(registry: CollectorRegistry) -> None:
    """After the config was read again; bins that are gone are gone."""
    drift = Drift(registry, "fast")
    drift.compare_with(BASELINE)
    drift.compare_with(Baseline(edges=(), difficulty=(1.0,), domains={}, reasoning=0.5))

    assert value(registry, "baseline", "difficulty", "1") is None
    assert 0.5 == value(registry, "baseline", "tier", "fast")
