"""What the cache counts."""

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge

REQUESTS: Final = "tiergate_cache_requests"


class Measures:
    """Counters in the process's registry, and the number of entries by `entries`."""

    def __init__(self, registry: CollectorRegistry, entries: Callable[[], float]) -> None:
        self._requests = Counter(
            REQUESTS,
            "Requests by what the cache said: hit, semantic, miss, bypass.",
            ("result",),
            registry=registry,
        )
        self._answers = Counter(
            "tiergate_cache_answers",
            "Answers that might be kept, by what came of it: stored, or why not.",
            ("result",),
            registry=registry,
        )
        gauge = Gauge(
            "tiergate_cache_entries", "Answers that this process keeps.", registry=registry
        )
        gauge.set_function(entries)

    def asked(self, result: str) -> None:
        """One request."""
        self._requests.labels(result).inc()

    def answered(self, result: str) -> None:
        """One answer of a tier's."""
        self._answers.labels(result).inc()
