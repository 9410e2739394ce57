"""What was expected of a request's first token, and what came.

The expectation travels with the request, as metadata that comes back in the access log: with
several workers it is another process that reads it.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from typing_extensions import override

from extproc.exchange import Exchange
from extproc.fleet.spill import prompt_tokens
from extproc.fleet.tier import TierLoad
from extproc.stages import Stage
from extproc.telemetry import Completed, Unmoved

FACT: Final = "ttft"
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Expecting(Stage):
    """Counts a request where it goes, and writes down the seconds that its first token is expected
    in, where they are known.
    """

    def __init__(self, loads: Mapping[str, TierLoad]) -> None:
        self._loads = loads

    @override
    def decided(self, exchange: Exchange) -> None:
        """Once it is known which tier it goes to."""
        decision, request = exchange.decision, exchange.request
        if decision is None or request is None:
            return
        load = self._loads[decision.tier]
        load.sent()
        seconds = load.first_token(prompt_tokens(request))
        if seconds is not None:
            exchange.facts[FACT] = f"{seconds:.4f}"


class Comparing(Unmoved):
    """Sets the first byte of a stream beside it, where the first attempt was answered."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._error = Histogram(
            "tiergate_fleet_ttft_error_seconds",
            "How far the first byte of a stream was from when it was expected.",
            ("tier",),
            buckets=_BUCKETS,
            registry=registry,
        )
        self._expected = Counter(
            "tiergate_fleet_ttft_expected_seconds",
            "Sum of what was expected of the streams compared.",
            ("tier",),
            registry=registry,
        )
        self._came = Counter(
            "tiergate_fleet_ttft_observed_seconds",
            "Sum of what came of them.",
            ("tier",),
            registry=registry,
        )

    @override
    def completed(self, record: Completed) -> None:
        """One request; an answer that is no stream says nothing of its first token."""
        expected = record.facts.get(FACT)
        if expected is None or record.first_byte is None or not record.streamed:
            return
        if record.status != HTTPStatus.OK or record.attempts != 1:
            return
        seconds = float(expected)
        self._error.labels(record.tier).observe(abs(record.first_byte - seconds))
        self._expected.labels(record.tier).inc(seconds)
        self._came.labels(record.tier).inc(record.first_byte)
