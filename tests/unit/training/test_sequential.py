"""A test that may be looked at at any time."""

from collections.abc import Iterator

import numpy as np
import pytest

from extproc.signals.semantic.features import Array
from extproc.training.sequential import effect

RUNS, SESSIONS = 1_000, 1_000


def trials(share: float, gain: float) -> Iterator[tuple[Array, Array, Array]]:
    """Outcomes of 0 or 1 at random, arms and shares; the candidate's are `gain` better."""
    for seed in range(RUNS):
        generator = np.random.default_rng(seed)
        candidate = (generator.random(SESSIONS) < share).astype(np.float64)
        outcomes = generator.random(SESSIONS) < 0.4 + gain * candidate
        yield outcomes.astype(np.float64), candidate, np.full(SESSIONS, share)


def ever_wrong(share: float) -> float:
    """How often zero is left out at some look, where there is no effect."""
    found = [effect(*trial) for trial in trials(share, 0.0)]
    return float(np.mean([((one.low > 0) | (one.high < 0)).any() for one in found]))


@pytest.mark.parametrize("share", [0.5, 0.1])
def test_who_looks_after_every_session_is_seldom_wrong(share: float) -> None:
    """Less than one time in twenty, though there were a thousand looks."""
    assert ever_wrong(share) <= 0.05


def test_a_test_for_one_look_would_be_wrong_often() -> None:
    """The same trials by a two-sample z-test after every session: the check above can fail."""

    def peeked(outcomes: Array, candidate: Array, _: Array) -> bool:
        many = np.arange(1, SESSIONS + 1)
        taken = np.cumsum(candidate).clip(1)
        rest = (many - np.cumsum(candidate)).clip(1)
        means = (
            np.cumsum(outcomes * candidate) / taken - np.cumsum(outcomes * (1 - candidate)) / rest
        )
        error = np.sqrt(0.24 * (1 / taken + 1 / rest))
        return bool((np.abs(means / error)[50:] > 1.96).any())

    assert np.mean([peeked(*trial) for trial in trials(0.5, 0.0)]) > 0.2


def test_an_effect_is_found_and_held() -> None:
    """Its size is in the sequence at every look, in nearly every run."""
    found = [effect(*trial) for trial in trials(0.5, 0.3)]

    assert np.mean([one.low[-1] > 0 for one in found]) > 0.95
    assert np.mean([((one.low < 0.3) & (one.high > 0.3)).all() for one in found]) >= 0.95
    assert 0.3 == pytest.approx(np.mean([one.estimate[-1] for one in found]), abs=0.02)


def test_a_share_that_changes_is_allowed() -> None:
    """Each session counts by the share that it was drawn with."""
    generator = np.random.default_rng(0)
    shares = np.repeat([0.1, 0.5], 5_000)
    candidate = (generator.random(10_000) < shares).astype(np.float64)
    late = np.repeat([0.2, 0.6], 5_000)
    found = effect((generator.random(10_000) < late).astype(np.float64), candidate, shares)

    assert found.low[-1] < 0 < found.high[-1]
    assert abs(found.estimate[-1]) < 0.03


def test_it_only_becomes_narrower() -> None:
    """What was shown stays shown."""
    found = effect(*next(trials(0.5, 0.3)))

    assert (np.diff(found.low) >= 0).all()
    assert (np.diff(found.high) <= 0).all()
