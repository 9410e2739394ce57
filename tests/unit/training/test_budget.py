"""Budgets."""

import numpy as np
import pytest

from extproc.errors import ConfigError
from extproc.training.budget import Budget, Prices, parse, share

SCORES = np.array([4.0, 3.0, 2.0, 1.0])
FAST = np.array([0.0, 0.0, 1.0, 1.0])
REASONING = np.ones(4)
PRICES = Prices(fast=0.01, reasoning=0.03, requests=1_000)


def portion(text: str, prices: Prices | None = None) -> float:
    """The share that a budget allows."""
    return share(parse(text), SCORES, FAST, REASONING, prices)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reasoning<=30%", Budget(kind="reasoning", amount=0.3)),
        (" quality >= 95.5 % ", Budget(kind="quality", amount=0.955)),
        ("cost<=$200/day", Budget(kind="cost", amount=200.0)),
    ],
)
def test_a_budget_is_read(text: str, expected: Budget) -> None:
    """In an operator's words."""
    assert expected == parse(text)


@pytest.mark.parametrize("text", ["", "reasoning>=30%", "quality>=101%", "cost<=200"])
def test_another_word_is_refused(text: str) -> None:
    """With those that are known."""
    with pytest.raises(ConfigError, match="--budget"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reasoning<=30%", 0.3),
        ("quality>=50%", 0.0),
        ("quality>=75%", 0.25),
        ("quality>=100%", 0.5),
    ],
)
def test_the_share_follows(text: str, expected: float) -> None:
    """The least that gives the quality."""
    assert expected == portion(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("cost<=$10/day", 0.0), ("cost<=$20/day", 0.5), ("cost<=$99/day", 1.0)]
)
def test_a_cost_buys_a_share(text: str, expected: float) -> None:
    """Between always-fast and always-reasoning."""
    assert portion(text, PRICES) == pytest.approx(expected)


def test_a_reasoning_tier_that_costs_no_more_gets_all() -> None:
    """Nothing speaks against it."""
    assert 1.0 == portion("cost<=$10/day", Prices(fast=0.01, reasoning=0.01, requests=1_000))


@pytest.mark.parametrize(("prices", "message"), [(None, "--prices"), (PRICES, r"\$10.00/day")])
def test_a_cost_that_cannot_be_kept_is_refused(prices: Prices | None, message: str) -> None:
    """Without prices, or below what always-fast costs."""
    with pytest.raises(ConfigError, match=message):
        portion("cost<=$9/day", prices)
