"""What tokens cost: the price book's part of the document.

Money is written as text or a whole number, `"0.15"` or `2`, of dollars with at most six decimals: a
YAML fraction would be binary, and not what was written.
"""

from collections.abc import Collection, Mapping
from typing import Annotated

from msgspec import Meta, Struct

from extproc.errors import ConfigError

Money = (
    Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$")]
    | Annotated[int, Meta(ge=0, lt=10**9)]
)
"""Dollars."""
Share = Annotated[str, Meta(pattern=r"^(0?\.[0-9]{0,5}[1-9][0-9]*|1(\.0*)?)$")]
"""A part of one, above zero, as text."""
Rate = Annotated[int, Meta(ge=1)]


class PerMillionTokens(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Dollars for a million tokens. Those of the prompt that came from a cache cost `cached`, or as
    much as the others where that is not said.
    """

    input: Money
    output: Money
    cached: Money | None = None


class PerGpuHour(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Dollars for an hour of one GPU, of which a replica has `gpus`, and what such a replica was
    measured to do when it did nothing else: tokens of prompts, of completions, and of prompts from
    its cache (where that is not said, these take no time). `utilisation` is the part of the hours
    paid for in which it works.
    """

    dollars: Money
    input_tokens_per_second: Rate
    output_tokens_per_second: Rate
    cached_tokens_per_second: Rate | None = None
    gpus: Annotated[int, Meta(ge=1)] = 1
    utilisation: Share = "1"


class Price(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one tier costs, in exactly one of two ways."""

    per_million_tokens: PerMillionTokens | None = None
    per_gpu_hour: PerGpuHour | None = None

    def __post_init__(self) -> None:
        if (self.per_million_tokens is None) == (self.per_gpu_hour is None):
            raise ValueError("needs either per_million_tokens or per_gpu_hour")


def check_prices(prices: Mapping[str, Price], tiers: Collection[str]) -> None:
    """ConfigError for the price of a tier that is not there."""
    for name in prices:
        if name not in tiers:
            raise ConfigError(f"no tier is called {name!r}", path=f"$.prices.{name}")
