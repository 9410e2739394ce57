"""The price book's part of the document."""

from typing import Any

import pytest
from builders import document
from usage_builders import PRICES, prices
from yaml import safe_dump

from extproc.config import decode
from extproc.errors import ConfigError

QUOTED: dict[str, Any] = {"input": "0.15", "output": 2}
HOURLY: dict[str, Any] = {
    "dollars": "1.20",
    "input_tokens_per_second": 9000,
    "output_tokens_per_second": 700,
}


def refused(section: object) -> str:
    """Why a document with these prices is."""
    with pytest.raises(ConfigError) as caught:
        decode(safe_dump(document(prices=section)).encode())
    return str(caught.value)


def test_a_document_may_have_prices() -> None:
    """Of any of its tiers."""
    made = decode(safe_dump(document(prices={"fast": PRICES["fast"]})).encode())

    assert ["fast"] == list(made.prices)


def test_a_tier_has_a_price_of_either_kind() -> None:
    """By the token, or by the hour."""
    made = prices(fast={"per_million_tokens": QUOTED}, reasoning={"per_gpu_hour": HOURLY})

    assert made["fast"].per_million_tokens is not None
    assert made["reasoning"].per_gpu_hour is not None


@pytest.mark.parametrize(
    "price",
    [{}, {"per_million_tokens": QUOTED, "per_gpu_hour": HOURLY}],
    ids=["none", "both"],
)
def test_a_tier_has_one_price(price: dict[str, Any]) -> None:
    """Neither none nor two."""
    assert "needs either" in refused({"fast": price})


@pytest.mark.parametrize("money", [0.15, "0.1234567", "-1", "1e3", -1, 10**9], ids=str)
def test_money_is_exact(money: object) -> None:
    """A binary fraction is not what was written, and a micro-dollar is the least."""
    said = refused({"fast": {"per_million_tokens": {**QUOTED, "input": money}}})

    assert said.startswith("$.prices[...].per_million_tokens.input: ")


@pytest.mark.parametrize("part", ["0", "0.0", "1.5", "2", "-0.5"])
def test_utilisation_is_a_part_of_one(part: str) -> None:
    """Nothing is spread over no hours."""
    assert "utilisation" in refused({"fast": {"per_gpu_hour": {**HOURLY, "utilisation": part}}})


def test_a_price_is_of_a_tier() -> None:
    """A name that refers to nothing is refused."""
    assert "$.prices.medium: no tier is called 'medium'" == refused({"medium": PRICES["fast"]})
