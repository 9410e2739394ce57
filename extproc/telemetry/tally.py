"""A histogram without labels for the path of a request.

prometheus_client's own walks its buckets and takes two locks for every number; here a number costs
a bisection, and Prometheus gets the same at the scrape. One event loop counts, so there is no lock.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString
from typing_extensions import override


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
