"""What the ledger says, by any of its names, and what routing has saved.

Saved against always-reasoning is what the same tokens would have cost had the dearest tier answered
everything, less what they did cost; against always-fast the same with the cheapest tier, which is
below zero where some requests went to a dearer one. Both are of requests whose tokens are known and
whose tiers had a price that day; the tokens are those of the answers that were given: another model
might have said more, or less.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from extproc.usage.entry import COLUMNS
from extproc.usage.ledger import Row

DIMENSIONS: Final = ("day", "tenant", "tier", "model")
AMOUNTS: Final = (*COLUMNS, "saved_against_dearest", "saved_against_cheapest")


class Line(Struct, frozen=True, kw_only=True):
    """The sums of all groups with these names: all of AMOUNTS, the savings in micro-dollars."""

    names: dict[str, str]
    amounts: dict[str, int]


def report(rows: Iterable[Row], by: Sequence[str]) -> list[Line]:
    """A line for each combination of names, in their order. `by` holds some of DIMENSIONS."""
    sums: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for row in rows:
        sums[tuple(getattr(row.group, name) for name in by)].update(row.amounts)
    return [
        Line(names=dict(zip(by, names, strict=True)), amounts=_all(sums[names]))
        for names in sorted(sums)
    ]


def _all(amounts: Counter[str]) -> dict[str, int]:
    return {name: amounts[name] for name in COLUMNS} | {
        "saved_against_dearest": amounts["cost_dearest"] - amounts["cost"],
        "saved_against_cheapest": amounts["cost_cheapest"] - amounts["cost"],
    }


def dollars(microdollars: int) -> str:
    """Dollars to the micro-dollar, exact."""
    whole, rest = divmod(abs(microdollars), 1_000_000)
    return f"{'-' if microdollars < 0 else ''}{whole}.{rest:06d}"
