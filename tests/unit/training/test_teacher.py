"""The teacher's forward pass."""

import math
from pathlib import Path

import numpy as np
import pytest
from semantic_builders import PIECES, WIDTH, teacher_folder

from extproc.training.teacher import _erf, load


def test_a_teacher_is_read(tmp_path: Path) -> None:
    """Its pieces and its shape."""
    teacher = load(teacher_folder(tmp_path))

    assert PIECES == teacher.pieces
    assert (1, 2) == (teacher.layers, teacher.heads)


def test_a_sequence_does_not_depend_on_its_batch(tmp_path: Path) -> None:
    """Each is embedded for itself."""
    teacher = load(teacher_folder(tmp_path))
    together = teacher.embed(np.array([[2, 5, 3], [2, 6, 3]]))
    alone = teacher.embed(np.array([[2, 6, 3]]))

    assert (2, WIDTH) == together.shape
    assert np.allclose(together[1], alone[0], atol=1e-12)
    assert not np.allclose(together[0], together[1])


def test_attention_weighs_by_similarity(tmp_path: Path) -> None:
    """With no projection of the values nothing is mixed in, whatever the scores."""
    teacher = load(teacher_folder(tmp_path))
    weights = dict(teacher.weights)
    for part in ("weight", "bias"):
        name = f"encoder.layer.0.attention.self.value.{part}"
        weights[name] = np.zeros_like(weights[name])
    hidden = np.ones((1, 3, WIDTH))
    blind = type(teacher)(pieces=teacher.pieces, weights=weights, layers=1, heads=2)

    assert not blind._attend(hidden, "encoder.layer.0.").any()


@pytest.mark.parametrize("value", [-3.0, -0.5, 0.0, 0.1, 2.0])
def test_erf_is_close(value: float) -> None:
    """To the bound that its source gives."""
    assert _erf(np.array([value]))[0] == pytest.approx(math.erf(value), abs=1.5e-7)
