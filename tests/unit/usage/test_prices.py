"""What tokens cost, to the micro-dollar."""

import pytest
from hypothesis import given, strategies as st
from usage_builders import book, tokens

from extproc.telemetry import Tokens

HOUR = {
    "dollars": "1.80",
    "gpus": 2,
    "input_tokens_per_second": 10_000,
    "output_tokens_per_second": 500,
    "utilisation": "0.5",
}


def test_each_kind_of_token_has_its_price() -> None:
    """800 of the prompt at 0.10 $ a million, 200 from the cache at 0.01, 100 out at 0.40."""
    assert 80 + 2 + 40 == book().cost("fast", tokens(1000, 100, cached=200))


def test_cached_tokens_cost_as_much_where_nothing_else_is_said() -> None:
    """The reasoning tier has no price for them."""
    assert 1000 + 400 == book().cost("reasoning", tokens(1000, 100, cached=200))


def test_reasoning_tokens_are_part_of_the_completion() -> None:
    """They are paid once."""
    assert 1000 + 400 == book().cost("reasoning", tokens(1000, 100, reasoning=60))


def test_no_more_is_cached_than_there_is() -> None:
    """A tier that counts wrongly makes no negative cost."""
    assert 0 <= (book().cost("fast", tokens(1, 0, cached=1000)) or 0)


@pytest.mark.parametrize(("count", "cost"), [(4, 0), (5, 1), (14, 1), (15, 2)], ids=str)
def test_a_request_is_rounded_once_halves_up(count: int, cost: int) -> None:
    """At 0.10 $ a million, a tenth of a micro-dollar a token."""
    assert cost == book().cost("fast", Tokens(prompt=count))


def test_an_hour_is_spread_over_what_it_could_do() -> None:
    """Two GPUs at 1.80 $ cost 1000 micro-dollars a second, and twice that at half utilisation:
    ten thousand prompt tokens take one second, five hundred completion tokens too.
    """
    made = book(fast={"per_gpu_hour": HOUR})

    assert 2000 == made.cost("fast", Tokens(prompt=10_000))
    assert 2000 == made.cost("fast", Tokens(completion=500))
    assert 0 == made.cost("fast", Tokens(prompt=500, cached=500))


def test_what_no_tier_answered_costs_nothing() -> None:
    """The router's own cache did, without a GPU."""
    assert 0 == book().cost("none", tokens(1000, 100, cached=1000))
    assert book().cost("none", None) is None


def test_a_cache_may_take_its_time() -> None:
    """Where it was measured, it counts."""
    made = book(fast={"per_gpu_hour": {**HOUR, "cached_tokens_per_second": 100_000}})

    assert 200 == made.cost("fast", Tokens(prompt=10_000, cached=10_000))


def test_without_a_price_or_tokens_there_is_no_cost() -> None:
    """None is not nothing."""
    only = {"per_million_tokens": {"input": 1, "output": 1}}

    assert book(fast=only).cost("reasoning", tokens()) is None
    assert book().cost("fast", None) is None
    assert book().cost(None, tokens()) is None


def test_tiers_are_ordered_by_price() -> None:
    """Whatever order they stand in."""
    cheap, dear = ({"per_million_tokens": {"input": 9, "output": out}} for out in (1, 2))
    made = book(reasoning=cheap, fast=dear)

    assert ("reasoning", "fast") == (made.cheapest, made.dearest)


@given(
    parts=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=50)
)
def test_rounding_is_off_by_half_a_micro_dollar_a_request(parts: list[tuple[int, int]]) -> None:
    """The sum of what requests cost against the cost of the sum of their tokens, in the exact."""
    some = [Tokens(prompt=prompt, completion=completion) for prompt, completion in parts]
    exact = sum(100_000 * one.prompt + 400_000 * one.completion for one in some)
    total = sum(book().cost("fast", one) or 0 for one in some)

    assert abs(total * 1_000_000 - exact) <= 500_000 * len(some)
