"""What was asked again."""

import pytest
from builders import record
from prometheus_client import CollectorRegistry

from extproc.fleet.retries import Retries


@pytest.mark.parametrize(
    ("attempts", "counted"),
    [(0, (None, None)), (1, (None, None)), (3, (2.0, 200.0))],
    ids=["none", "first", "third"],
)
def test_what_came_after_the_first_attempt_is_counted(
    attempts: int, counted: tuple[float | None, float | None]
) -> None:
    """Each time with the whole body."""
    registry = CollectorRegistry()
    Retries(registry).completed(record(attempts=attempts, received=100))
    names = ("retries", "retried_bytes")
    values = [
        registry.get_sample_value(f"tiergate_fleet_{name}_total", {"tier": "fast"})
        for name in names
    ]

    assert counted == tuple(values)
