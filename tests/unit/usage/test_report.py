"""The ledger's sums by any of its names."""

import pytest
from usage_builders import DAY

from extproc.usage.entry import Group
from extproc.usage.ledger import Row
from extproc.usage.report import AMOUNTS, dollars, report


def row(tenant: str, tier: str, **amounts: int) -> Row:
    """The sums of one group."""
    group = Group(day=DAY, tenant=tenant, tier=tier, model="")
    return Row(group=group, amounts=amounts)


ROWS = (
    row("b", "fast", cost=1, cost_dearest=10, cost_cheapest=1),
    row("a", "reasoning", cost=10, cost_dearest=10, cost_cheapest=1),
    row("a", "fast", cost=2, cost_dearest=20, cost_cheapest=2),
)


def test_lines_are_sums_in_order() -> None:
    """By the names that were asked for, and no others."""
    lines = report(ROWS, ("tenant",))

    assert [({"tenant": "a"}, 12), ({"tenant": "b"}, 1)] == [
        (line.names, line.amounts["cost"]) for line in lines
    ]
    assert list(AMOUNTS) == list(lines[0].amounts)


def test_saved_is_what_one_tier_would_have_cost() -> None:
    """Against the dearest a gain, against the cheapest what the others cost more."""
    (line,) = report(ROWS, ())

    assert (27, -9) == (
        line.amounts["saved_against_dearest"],
        line.amounts["saved_against_cheapest"],
    )


@pytest.mark.parametrize(
    ("microdollars", "text"),
    [(0, "0.000000"), (1, "0.000001"), (-1, "-0.000001"), (12_345_678, "12.345678")],
)
def test_money_is_exact(microdollars: int, text: str) -> None:
    """To the micro-dollar."""
    assert text == dollars(microdollars)
