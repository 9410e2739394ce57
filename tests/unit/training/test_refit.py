"""Heads refitted to own labels."""

import numpy as np
import pytest
from semantic_builders import said, semantic

from extproc.training.fitting import Array
from extproc.training.metrics import exact
from extproc.training.refit import corrected, features, raw, refit


@pytest.fixture(scope="module")
def rows() -> tuple[Array, Array]:
    """Prompts of growing length."""
    prompts = [said("tell me more of it " * (1 + row % 40)) for row in range(200)]
    return features(semantic(), prompts)


def test_what_the_labels_say_is_learned(rows: tuple[Array, Array]) -> None:
    """Even where it is the opposite of what shipped: here the short ones gain."""
    gain = (np.arange(200) % 40 < 20).astype(np.float64)
    model, scores = refit(semantic().model, *rows, gain)

    assert exact(raw(semantic().model, *rows), gain).apgr < 0.4
    assert exact(scores, gain).apgr > 0.7
    assert model.calibrated(raw(model, *rows)).mean() == pytest.approx(0.5, abs=0.1)


def test_labels_without_a_pattern_teach_little(rows: tuple[Array, Array]) -> None:
    """Scores come from folds that had no part in the fit, so noise stays noise."""
    gain = np.random.default_rng(1).integers(0, 2, 200).astype(np.float64)
    _, scores = refit(semantic().model, *rows, gain)

    assert exact(scores, gain).apgr < 0.6


def test_few_labels_leave_the_shipped_order(rows: tuple[Array, Array]) -> None:
    """The correction is drawn towards none."""
    few = [values[:60] for values in rows]
    shipped = raw(semantic().model, few[0], few[1])
    model = corrected(semantic().model, few[0], few[1], shipped)

    assert np.corrcoef(raw(model, few[0], few[1]), shipped)[0, 1] > 0.99
