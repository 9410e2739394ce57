"""A histogram that costs little."""

from hypothesis import given, strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from extproc.telemetry.tally import Tally

BOUNDS = (0.1, 0.5, 1.0)
NUMBERS = st.sampled_from((0.0, 0.05, 0.1, 0.3, 0.5, 0.75, 1.0, 1.5, 64.0))


@given(st.lists(NUMBERS, max_size=30))
def test_it_says_what_the_librarys_own_says(numbers: list[float]) -> None:
    """Line by line, the bounds included."""
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    tally = Tally("x_seconds", "Some time.", buckets=BOUNDS, registry=ours)
    histogram = Histogram("x_seconds", "Some time.", buckets=BOUNDS, registry=theirs)
    for number in numbers:
        tally.observe(number)
        histogram.observe(number)

    said = generate_latest(theirs).splitlines()
    assert [line for line in said if b"_created" not in line] == generate_latest(ours).splitlines()
