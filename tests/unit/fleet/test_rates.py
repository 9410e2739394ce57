"""How fast a tier works."""

import math

import pytest
from fleet_builders import reading

from extproc.fleet.rates import MEMORY, Line, Rates, Ratio, grown


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
    rates.learn(reading(), reading(computed=200, prefilled=1, prefill_seconds=2), 1)

    assert (100.0, None) == (rates.prefill, rates.starts)


def test_time_is_a_line_of_length() -> None:
    """A tenth of a second at first, and a hundredth for each token."""
    line = Line()
    for tokens in (10, 50, 90):
        line.add(tokens, 0.1 + tokens / 100, 5, seconds=0)

    assert (0.1, 0.5, 2.1) == pytest.approx((line.at(0), line.at(40), line.at(200)))


def test_a_line_never_says_less_than_nothing() -> None:
    """Neither where times fall with length, nor where they rise faster than it."""
    falling, steep = Line(), Line()
    for tokens, seconds in ((10, 3.0), (30, 1.0)):
        falling.add(tokens, seconds, 1, seconds=0)
        steep.add(tokens, (tokens - 10) / 10, 1, seconds=0)

    assert (2.0, 2.0) == (falling.at(0), falling.at(100))
    assert (0.0, 1.0) == (steep.at(0), steep.at(20))


def test_prompts_of_one_length_show_no_slope() -> None:
    """What they took is the least, and what is longer takes longer in proportion."""
    line, cached = Line(), Line()
    line.add(20, 0.5, 3, seconds=0)
    cached.add(0, 0.5, 3, seconds=0)

    assert (0.5, 0.5, 1.0) == (line.at(1), line.at(20), line.at(40))
    assert 0.5 == cached.at(40)


def test_a_line_forgets() -> None:
    """After ten times its memory what was seen before hardly counts."""
    line = Line()
    line.add(20, 9.0, 1, seconds=0)
    line.add(20, 1.0, 1, seconds=10 * MEMORY)

    assert 1.0 == pytest.approx(line.at(20), rel=0.001)


def test_starts_are_learnt_while_there_is_a_queue() -> None:
    """Without one it was the clients who were slow."""
    rates = Rates()
    rates.learn(reading(started=1), reading(started=100), 1)
    assert None is rates.starts

    rates.learn(reading(waiting=1, started=1), reading(waiting=3, started=9), 2)
    assert 4.0 == rates.starts


def test_what_is_cached_takes_no_time() -> None:
    """As much of each prompt as of those lately: here three quarters."""
    rates = Rates()
    said = {"prefilled": 1.0, "prefill_seconds": 1.0}
    rates.learn(reading(), reading(**said, computed=100, prompt=400), 1)
    rates.learn(reading(), reading(**said, computed=100, prompt=400), 1)

    assert (1.0, 2.0) == (
        rates.first_token(waiting=0, tokens=400),
        rates.first_token(waiting=0, tokens=800),
    )


def test_a_queue_is_waited_for() -> None:
    """By the pace at which it moves; where that is not known, each that waits is taken for one like
    this request.
    """
    rates = Rates()
    rates.learn(reading(), reading(computed=50, prefilled=1, prefill_seconds=0.5), 1)
    unknown = rates.first_token(waiting=3, tokens=50)
    queue = {"waiting": 1.0, "computed": 50.0, "prefilled": 1.0, "prefill_seconds": 0.5}
    rates.learn(reading(**queue), reading(**queue, started=4), 1)

    assert (2.0, 1.25) == (unknown, rates.first_token(waiting=3, tokens=50))


@pytest.mark.parametrize(("before", "now", "growth"), [(2, 5, 3), (5, 5, 0), (5, 2, 2)])
def test_a_counter_that_fell_began_anew(before: float, now: float, growth: float) -> None:
    """So a restart costs what was counted between the last scrape and it."""
    assert growth == grown(before, now)
