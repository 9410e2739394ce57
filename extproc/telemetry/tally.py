"""Counters and histograms for the path of a request.

prometheus_client's own take a lock or two for every number, and walk a histogram's buckets; here a
number costs a look into a dict or a bisection, and Prometheus gets the same at the scrape. One
event loop counts, so there is no lock.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString
from typing_extensions import override


class Counts(Collector):
    """Amounts that only grow, by the values of labels."""

    def __init__(
        self, name: str, text: str, *, labels: Sequence[str], registry: CollectorRegistry
    ) -> None:
        self._name = name
        self._help = text
        self._labels = tuple(labels)
        self._amounts: dict[tuple[str, ...], float] = {}
        registry.register(self)

    def add(self, values: tuple[str, ...], amount: float = 1.0) -> None:
        """So much more, for those values of the labels in their order."""
        self._amounts[values] = self._amounts.get(values, 0.0) + amount

    @override
    def collect(self) -> Iterator[Metric]:
        """What Prometheus reads, one sample for each combination."""
        family = CounterMetricFamily(self._name, self._help, labels=self._labels)
        for values, amount in self._amounts.items():
            family.add_metric(values, amount)
        yield family


class Tallies(Collector):
    """As a `Tally` for each value of one label."""

    def __init__(
        self,
        name: str,
        text: str,
        *,
        label: str,
        buckets: Sequence[float],
        registry: CollectorRegistry,
    ) -> None:
        self._name = name
        self._help = text
        self._label = label
        self._bounds = (*buckets, math.inf)
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}
        registry.register(self)

    def observe(self, value: str, number: float) -> None:
        """One number of that value of the label."""
        counts = self._counts.get(value)
        if counts is None:
            counts = self._counts[value] = [0] * len(self._bounds)
            self._sums[value] = 0.0
        counts[bisect_left(self._bounds, number)] += 1
        self._sums[value] += number

    @override
    def collect(self) -> Iterator[Metric]:
        """What Prometheus reads, value by value."""
        family = HistogramMetricFamily(self._name, self._help, labels=(self._label,))
        bounds = tuple(map(floatToGoString, self._bounds))
        for value, counts in self._counts.items():
            buckets = list(zip(bounds, map(float, accumulate(counts)), strict=True))
            family.add_metric((value,), buckets=buckets, sum_value=self._sums[value])
        yield family


class Tally(Collector):
    """Counts numbers into buckets, whose upper bounds are given in order."""

    def __init__(
        self, name: str, text: str, *, buckets: Sequence[float], registry: CollectorRegistry
    ) -> None:
        self._name = name
        self._help = text
        self._bounds = (*buckets, math.inf)
        self._counts = [0] * len(self._bounds)
        self._sum = 0.0
        registry.register(self)

    def observe(self, number: float) -> None:
        """One number; it belongs to the first bucket whose bound it does not exceed."""
        self._counts[bisect_left(self._bounds, number)] += 1
        self._sum += number

    @override
    def collect(self) -> Iterator[Metric]:
        """What Prometheus reads: each bucket with all below it."""
        bounds = map(floatToGoString, self._bounds)
        counts = map(float, accumulate(self._counts))
        buckets = list(zip(bounds, counts, strict=True))
        yield HistogramMetricFamily(self._name, self._help, buckets=buckets, sum_value=self._sum)
