"""The curve."""

import numpy as np
import pytest

from extproc.training.budget import Prices
from extproc.training.tradeoff import plot, points, table

SCORES = np.arange(40.0)
FAST = (np.arange(40) < 20).astype(np.float64)
FOUND = points(SCORES, FAST, np.ones(40))


def test_the_ends_are_the_two_tiers() -> None:
    """And between them the harder half comes first."""
    assert (0.5, 1.0, 1.0) == tuple(FOUND[at].quality for at in (0, 5, 10))
    assert FOUND[5].random == pytest.approx(0.75)


def test_the_interval_holds_the_quality() -> None:
    """At every share."""
    assert all(point.low <= point.quality <= point.high for point in FOUND)


def test_the_table_shows_costs_where_prices_are_known() -> None:
    """And a dash where not."""
    prices = Prices(fast=0.01, reasoning=0.02, requests=100)

    assert list(table(FOUND, prices))[-1].endswith("| 1.000 | $2.00/day |")
    assert list(table(FOUND, None))[-1].endswith("| 1.000 | - |")


def test_the_plot_has_a_line_for_each_share() -> None:
    """With the quality, the random choice, and the scale below."""
    lines = list(plot(FOUND))

    assert 12 == len(lines)
    assert lines[5].startswith("  50% ")
    assert lines[5].index("|") < lines[5].index("#")
    assert lines[-1].split()[1] == "1.000"


def test_a_flat_curve_can_be_plotted() -> None:
    """Where no score differs from another."""
    flat = points(SCORES, np.ones(40), np.ones(40))

    assert all("#" in line for line in list(plot(flat))[:-1])
