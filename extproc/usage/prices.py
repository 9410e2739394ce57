"""What a request's tokens cost, in whole micro-dollars.

A rate is micro-dollars for a million tokens, a whole number: exact for prices in dollars a million
tokens. For a GPU hour it is amortised, and rounded to the next whole number once:

    rate = gpus * dollars * 1e6 / 3600 * 1e6 / (tokens_per_second * utilisation)

which is what a replica costs in the seconds that a million tokens of one kind keep it busy, paid
also for the hours in which it is idle. A request costs the sum of its three kinds, rounded to the
next micro-dollar once, halves up.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final

from msgspec import Struct

from extproc.config import Price
from extproc.config.prices import Money, PerGpuHour, PerMillionTokens
from extproc.decision import NO_TIER
from extproc.telemetry import Tokens

MILLION: Final = 1_000_000
_HOUR: Final = 3600


class Rate(Struct, frozen=True, kw_only=True):
    """Micro-dollars for a million tokens of each kind."""

    input: int
    output: int
    cached: int

    def cost(self, tokens: Tokens) -> int:
        """Micro-dollars; a cached token is not charged as one of the prompt besides."""
        cached = min(tokens.cached, tokens.prompt)
        exact = (
            (tokens.prompt - cached) * self.input
            + cached * self.cached
            + tokens.completion * self.output
        )
        return (exact + MILLION // 2) // MILLION


class Book:
    """The prices of all tiers that have one.

    `cheapest` and `dearest` are tiers, by the price of output and then of input; None without any.
    """

    def __init__(self, prices: Mapping[str, Price]) -> None:
        self._rates = {tier: _rate(price) for tier, price in prices.items()}
        order = sorted(
            self._rates, key=lambda tier: (self._rates[tier].output, self._rates[tier].input, tier)
        )
        self.cheapest = order[0] if order else None
        self.dearest = order[-1] if order else None

    def cost(self, tier: str | None, tokens: Tokens | None) -> int | None:
        """Micro-dollars, or None where the tier has no price or the tokens are not known. What no
        tier has answered, the cache has, for nothing.
        """
        if tier == NO_TIER and tokens is not None:
            return 0
        rate = self._rates.get(tier or "")
        return None if rate is None or tokens is None else rate.cost(tokens)


def _rate(price: Price) -> Rate:
    if price.per_gpu_hour is not None:
        return _amortised(price.per_gpu_hour)
    assert price.per_million_tokens is not None  # noqa: S101 - the config has one of the two
    return _quoted(price.per_million_tokens)


def _quoted(price: PerMillionTokens) -> Rate:
    cached = price.input if price.cached is None else price.cached
    return Rate(input=_micro(price.input), output=_micro(price.output), cached=_micro(cached))


def _amortised(price: PerGpuHour) -> Rate:
    second = Fraction(_micro(price.dollars) * price.gpus, _HOUR) / Fraction(price.utilisation)

    def per_million(tokens_per_second: int | None) -> int:
        return 0 if tokens_per_second is None else round(second * MILLION / tokens_per_second)

    return Rate(
        input=per_million(price.input_tokens_per_second),
        output=per_million(price.output_tokens_per_second),
        cached=per_million(price.cached_tokens_per_second),
    )


def _micro(money: Money) -> int:
    """Exact: the config allows six decimals."""
    return int(Decimal(money) * MILLION)
