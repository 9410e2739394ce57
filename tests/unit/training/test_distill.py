"""From a teacher to a token table."""

from pathlib import Path

import numpy as np
import pytest
from semantic_builders import teacher_folder

from extproc.signals.semantic.tokens import Tokens
from extproc.training.distill import components, distill, rarity


def test_equal_files_give_equal_bytes(tmp_path: Path) -> None:
    """So that anyone can make the table again."""
    folder = teacher_folder(tmp_path)

    assert distill(folder, 4) == distill(folder, 4)


def test_the_table_can_be_read(tmp_path: Path) -> None:
    """Without the pieces that stand for nothing."""
    path = tmp_path / "tokens.bin"
    path.write_bytes(distill(teacher_folder(tmp_path), 4))
    table = Tokens(path)

    assert 4 == table.width
    assert "[unused0]" not in table.vocabulary.pieces
    assert "moon" in table.vocabulary.pieces


def test_components_keep_what_varies_most() -> None:
    """One axis holds it all; its sign is always the same."""
    line = np.outer(np.arange(5.0), [3.0, 4.0])
    found = components(line, 1)

    assert np.allclose(found, components(line * -1.0, 1) * -1.0)
    assert (found**2).mean() == pytest.approx(1)
    assert (np.diff(found[:, 0]) > 0).all()


def test_rare_pieces_weigh_more() -> None:
    """Between 0 and 1, growing with the rank."""
    weights = rarity(100)

    assert (np.diff(weights) > 0).all()
    assert 0 < weights[0] < weights[-1] < 1
