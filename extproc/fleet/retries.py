"""What was asked again: attempts after the first, and the bytes of bodies that they sent once more.

A tier that has begun to answer is never asked again, so an attempt that is repeated has cost its
body's way and no more than a moment of the tier's.
"""

from prometheus_client import CollectorRegistry, Counter
from typing_extensions import override

from extproc.telemetry import Completed, Unmoved


class Retries(Unmoved):
    """Counts by the tier that was chosen; a request's record has `attempts` and `received`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._attempts = Counter(
            "tiergate_fleet_retries",
            "Attempts after the first, of requests for the tier.",
            ("tier",),
            registry=registry,
        )
        self._bytes = Counter(
            "tiergate_fleet_retried_bytes",
            "Bytes of bodies that were sent once more.",
            ("tier",),
            registry=registry,
        )

    @override
    def completed(self, record: Completed) -> None:
        """One request, at the first attempt or after more."""
        again = record.attempts - 1
        if again > 0:
            self._attempts.labels(record.tier).inc(again)
            self._bytes.labels(record.tier).inc(again * record.received)
