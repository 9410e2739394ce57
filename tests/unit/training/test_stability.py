"""The set of pairs."""

import numpy as np

from extproc.training.stability import CHANGES, flips, pairs


def test_there_are_pairs_enough() -> None:
    """Of every kind, each a real change, the same on every call."""
    found = pairs()

    assert len(found) >= 500
    assert {"paraphrase", *CHANGES} == {pair.kind for pair in found}
    assert found == pairs()


def test_every_pair_says_two_things() -> None:
    """But for those whose end has no mark to take off."""
    assert sum(pair.original == pair.changed for pair in pairs()) < 150


def test_a_flip_crosses_the_threshold() -> None:
    """In either direction; on it counts as above."""
    first, second = np.array([0.4, 0.6, 0.5, 0.1]), np.array([0.6, 0.4, 0.9, 0.2])

    assert [True, True, False, False] == flips(first, second, 0.5).tolist()
