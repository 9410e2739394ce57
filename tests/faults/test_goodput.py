"""What live load in the decision is worth."""

from pathlib import Path

import pytest
from goodput import FLEET, measure


@pytest.mark.timeout(180)
def test_goodput_at_twice_the_capacity_is_kept(tmp_path: Path) -> None:
    """With it most answers come in time; without it the queue of the reasoning tier eats them."""
    folders = [tmp_path / name for name in ("without", "with")]
    for folder in folders:
        folder.mkdir()
    without = measure(folders[0], 5.0)
    having = measure(folders[1], 5.0, fleet=FLEET)

    assert without.share < 0.4
    assert having.share > 0.7
