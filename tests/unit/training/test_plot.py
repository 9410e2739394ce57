"""The curve as a picture."""

from pathlib import Path

import numpy as np
import pytest

from extproc.training.budget import Prices
from extproc.training.plot import draw
from extproc.training.tradeoff import points

FOUND = points(np.arange(40.0), (np.arange(40) < 20).astype(np.float64), np.ones(40))


@pytest.mark.parametrize(
    ("prices", "dollars"), [(None, False), (Prices(fast=1, reasoning=2, requests=10), True)]
)
def test_costs_stand_above_where_they_are_known(
    prices: Prices | None, dollars: bool, tmp_path: Path
) -> None:
    """Text in the picture is drawn, but named beside it."""
    draw(tmp_path / "c.svg", FOUND, 0.3, prices)

    assert dollars == ("dollars a day" in (tmp_path / "c.svg").read_text())


def test_the_same_curve_is_the_same_file(tmp_path: Path) -> None:
    """On any day."""
    for name in ("a.svg", "b.svg"):
        draw(tmp_path / name, FOUND, 0.3, None)

    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_the_ending_says_the_format(tmp_path: Path) -> None:
    """A picture of points as well."""
    draw(tmp_path / "c.png", FOUND, 0.3, None)

    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
