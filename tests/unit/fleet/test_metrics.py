"""What Prometheus is told."""

import pytest
from fleet_builders import Tiers
from prometheus_client import CollectorRegistry

from extproc.config.fleet import Limits
from extproc.fleet.metrics import FleetMetrics
from extproc.fleet.steering import Steering


def test_the_state_is_told_as_it_is() -> None:
    """By tier; what steers has no label, and what was not measured is absent."""
    tiers, registry = Tiers(), CollectorRegistry()
    tiers.learn("fast", prefill=100, starts=4)
    tiers.say("fast", waiting=2, computed=400, prefilled=2, prefill_seconds=4, started=8)
    steering = Steering(tiers.loads, tiers.clock)
    FleetMetrics(tiers.loads, lambda _: Limits(queue=4), steering, registry)
    unmeasured = registry.get_sample_value("tiergate_fleet_steered")
    steering.offset, steering.measured = 0.25, 0.5
    labels = {"tier": "fast"}
    names = ("saturation", "ready_replicas", "known", "backlog", "prefill_tokens_per_second",
             "starts_per_second")  # fmt: skip

    values = [registry.get_sample_value(f"tiergate_fleet_{name}", labels) for name in names]
    assert [0.5, 1.0, 1.0, 2.0, 100.0, 4.0] == pytest.approx(values)
    assert [None, None, None] == [
        registry.get_sample_value(f"tiergate_fleet_ttft_{name}_seconds", {"tier": "reasoning"})
        for name in ("expected", "observed", "error")
    ]
    assert 0.25 == registry.get_sample_value("tiergate_fleet_threshold_offset")
    assert (None, 0.5) == (unmeasured, registry.get_sample_value("tiergate_fleet_steered"))


def test_the_error_is_what_was_expected_less_what_came() -> None:
    """Of the streams and of the others, by vLLM's own count."""
    tiers, registry = Tiers(), CollectorRegistry()
    tiers.learn("fast", prefill=100)
    tiers.loads["fast"].sent(50)
    said = {"computed": 400, "prefilled": 2, "prefill_seconds": 4}
    tiers.say("fast", **said, started=4, start_seconds=6)
    FleetMetrics(tiers.loads, lambda _: Limits(), Steering(tiers.loads), registry)
    values = [
        registry.get_sample_value(f"tiergate_fleet_ttft_{name}_seconds", {"tier": "fast"})
        for name in ("expected", "observed", "error")
    ]

    assert [0.5, 1.5, -1.0] == pytest.approx(values)
