"""Rankings and probabilities."""

import numpy as np
import pytest

from extproc.training.metrics import (
    Curve,
    binned,
    calibration_error,
    chance,
    exact,
    interval,
)

GAIN = np.array([1.0, 1.0, 0.0, 0.0])


def test_the_best_ranking_of_half_the_gain() -> None:
    """All is recovered at the half: 1/4 under the rise, 1/2 after it."""
    curve = exact(np.array([4.0, 3.0, 2.0, 1.0]), GAIN)

    assert curve.apgr == pytest.approx(0.75)
    assert (25.0, 40.0) == pytest.approx((curve.cpt(0.5), curve.cpt(0.8)))


def test_the_worst_ranking() -> None:
    """Its mirror."""
    assert exact(np.array([1.0, 2.0, 3.0, 4.0]), GAIN).apgr == pytest.approx(0.25)


def test_prompts_of_one_score_are_sent_in_proportion() -> None:
    """Whatever their order in the file: the diagonal."""
    assert exact(np.ones(4), GAIN).apgr == pytest.approx(0.5)


def test_weights_count_a_prompt_several_times() -> None:
    """As if it stood there so often."""
    scores = np.array([3.0, 2.0, 1.0])
    weighed = exact(scores, np.array([1.0, 0.0, 1.0]), np.array([2.0, 1.0, 0.0]))

    assert weighed.apgr == exact(np.array([3.0, 3.0, 2.0]), np.array([1.0, 1.0, 0.0])).apgr


def test_a_target_of_nothing_needs_nothing() -> None:
    """The least share is none."""
    curve = Curve(share=np.array([0.0, 1.0]), recovered=np.array([0.0, 1.0]))

    assert 0.0 == curve.cpt(0.0)


def test_deciles_come_close_to_the_exact_area() -> None:
    """As RouteLLM computes it, less the first step that it leaves out."""
    generator = np.random.default_rng(0)
    scores = generator.random(2_000)
    gain = (generator.random(2_000) < scores).astype(np.float64)

    assert binned(scores, gain) == pytest.approx(exact(scores, gain).apgr, abs=0.01)


def test_the_interval_holds_the_value() -> None:
    """And the same seed gives the same one."""
    scores, gain = np.arange(50.0), (np.arange(50) % 3 == 0).astype(np.float64)
    low, high = interval(scores, gain)

    assert low < exact(scores, gain).apgr < high
    assert (low, high) == interval(scores, gain)


def test_chance_is_around_the_half() -> None:
    """The noise that any ranking of so few prompts has."""
    low, high = chance((np.arange(100) % 2).astype(np.float64))

    assert 0.35 < low < 0.5 < high < 0.65


def test_true_probabilities_have_no_error() -> None:
    """Each bin's mean is its outcome."""
    probabilities = np.repeat([0.25, 0.75], 100)
    outcomes = (
        np.tile([1.0, 0.0, 0.0, 0.0], 25).tolist() + np.tile([0.0, 1.0, 1.0, 1.0], 25).tolist()
    )

    assert calibration_error(probabilities, np.array(outcomes), 2) == pytest.approx(0)


def test_an_offset_is_the_error() -> None:
    """Wherever the bins are cut."""
    assert calibration_error(np.full(10, 0.9), np.full(10, 0.6)) == pytest.approx(0.3)


def test_resamples_without_any_gain_are_left_out() -> None:
    """A single prompt that gains may be drawn not once."""
    low, high = interval(np.arange(5.0), np.array([0.0, 0.0, 0.0, 0.0, 1.0]))

    assert 0.5 < low <= high <= 1.0
