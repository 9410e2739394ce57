"""How fast a tier works."""

import math

import pytest
from fleet_builders import reading

from extproc.fleet.rates import MEMORY, Rates, Ratio, grown


def test_a_ratio_is_of_sums() -> None:
    """Many requests count for more than few."""
    ratio = Ratio()
    ratio.add(10, 1, seconds=0)
    ratio.add(90, 1, seconds=0)

    assert 50.0 == ratio.value


def test_a_ratio_forgets() -> None:
    """What came before counts less, and with nothing since the ratio stays."""
    ratio = Ratio()
    ratio.add(10, 1, seconds=0)
    ratio.add(0, 0, seconds=MEMORY)
    stayed = ratio.value
    ratio.add(90, 1, seconds=MEMORY)

    kept = math.exp(-2)
    assert 10.0 == pytest.approx(stayed)
    assert (10 * kept + 90) / (kept + 1) == pytest.approx(ratio.value)


def test_nothing_is_known_at_first() -> None:
    """Neither rate, nor when a first token comes."""
    rates = Rates()

    assert (None, None) == (rates.prefill, rates.starts)
    assert None is rates.first_token(waiting=0, tokens=10)


def test_prefill_is_learnt_from_what_was_computed() -> None:
    """Two hundred tokens in two seconds."""
    rates = Rates()
    rates.learn(reading(), reading(computed=200, prefill_seconds=2), 1)

    assert (100.0, None) == (rates.prefill, rates.starts)
    assert 0.5 == rates.first_token(waiting=0, tokens=50)


def test_starts_are_learnt_while_there_is_a_queue() -> None:
    """Without one it was the clients who were slow."""
    rates = Rates()
    rates.learn(reading(started=1), reading(started=100), 1)
    assert None is rates.starts

    rates.learn(reading(waiting=1, started=1), reading(waiting=3, started=9), 2)
    assert 4.0 == rates.starts


def test_a_queue_is_waited_for() -> None:
    """By the pace at which it moves; where that is not known, each that waits is taken for one like
    this request.
    """
    rates = Rates()
    rates.learn(reading(), reading(computed=100, prefill_seconds=1), 1)
    unknown = rates.first_token(waiting=3, tokens=50)
    queue = reading(waiting=1, computed=100, prefill_seconds=1)
    rates.learn(queue, reading(waiting=1, computed=100, prefill_seconds=1, started=4), 1)

    assert (2.0, 1.25) == (unknown, rates.first_token(waiting=3, tokens=50))


@pytest.mark.parametrize(("before", "now", "growth"), [(2, 5, 3), (5, 5, 0), (5, 2, 2)])
def test_a_counter_that_fell_began_anew(before: float, now: float, growth: float) -> None:
    """So a restart costs what was counted between the last scrape and it."""
    assert growth == grown(before, now)
