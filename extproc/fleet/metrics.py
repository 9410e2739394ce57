"""What Prometheus is told of the fleet; read from the state at each scrape, counted nowhere."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from extproc.config.fleet import Limits
from extproc.fleet.steering import Steering
from extproc.fleet.tier import TierLoad


class FleetMetrics(Collector):
    """Gauges of each tier, and of what steers the threshold."""

    def __init__(
        self,
        loads: Mapping[str, TierLoad],
        limits: Callable[[str], Limits],
        steering: Steering,
        registry: CollectorRegistry,
    ) -> None:
        self._loads = loads
        self._limits = limits
        self._steering = steering
        registry.register(self)

    @override
    def collect(self) -> Iterator[Metric]:
        """What is known at this moment."""
        yield self._gauge(
            "saturation", "Load over limit: 1 is full.", lambda t, load: load.saturation(t)
        )
        yield self._gauge("ready_replicas", "Replicas that listen.", lambda _, x: len(x.there))
        yield self._gauge(
            "known", "1 where all scrapes are fresh.", lambda _, load: float(load.known)
        )
        yield self._gauge("backlog", "Requests that wait at a replica.", lambda _, x: x.backlog())
        yield self._gauge(
            "prefill_tokens_per_second", "As learnt.", lambda _, x: x.rates.prefill or 0.0
        )
        yield self._gauge(
            "starts_per_second", "Of a replica with a queue.", lambda _, x: x.rates.starts or 0.0
        )

        yield from self._first_tokens()
        offset = GaugeMetricFamily(
            "tiergate_fleet_threshold_offset", "By how much the threshold is raised."
        )
        offset.add_metric((), self._steering.offset)
        yield offset
        measured = GaugeMetricFamily(
            "tiergate_fleet_steered", "The share, or the dollars a day, of the last period."
        )
        if self._steering.measured is not None:
            measured.add_metric((), self._steering.measured)
        yield measured

    def _first_tokens(self) -> Iterator[Metric]:
        """Absent where nothing is known yet."""
        names = ("expected", "observed", "error")
        gauges = [
            GaugeMetricFamily(
                f"tiergate_fleet_ttft_{name}_seconds",
                "Mean seconds to a first token of the last minute; the error is their difference.",
                labels=("tier",),
            )
            for name in names
        ]
        for tier, load in self._loads.items():
            expected, observed = load.expected.value, load.observed.value
            error = None if expected is None or observed is None else expected - observed
            for gauge, value in zip(gauges, (expected, observed, error), strict=True):
                if value is not None:
                    gauge.add_metric((tier,), value)
        yield from gauges

    def _gauge(
        self, name: str, text: str, value: Callable[[Limits, TierLoad], float]
    ) -> GaugeMetricFamily:
        gauge = GaugeMetricFamily(f"tiergate_fleet_{name}", text, labels=("tier",))
        for tier, load in self._loads.items():
            gauge.add_metric((tier,), value(self._limits(tier), load))
        return gauge
