"""A weighted score against a threshold."""

from typing import Any

import pytest
from builders import request, scope
from hypothesis import given, settings, strategies as st

from extproc.decision import Reason
from extproc.errors import ConfigError
from extproc.policies import Policy, threshold

NAMES = ("a", "b", "c")
WEIGHTS = st.dictionaries(
    st.sampled_from(NAMES),
    st.fixed_dictionaries({"weight": st.floats(-1, 1), "full_at": st.floats(0.001, 1e6)}),
    min_size=1,
)
SIGNALS = st.dictionaries(st.sampled_from(NAMES), st.floats(0, 1e9))


def policy(weights: object, **parameters: object) -> Policy:
    """A threshold at one half over the signals a, b and c."""
    given = {"at": 0.5, "above": "reasoning", "below": "fast", "weights": weights, **parameters}
    return threshold.build(given, scope(*NAMES))


@pytest.mark.parametrize(
    ("value", "tier", "reason"),
    [
        (0.49, "fast", Reason.SCORE_BELOW),
        (0.5, "reasoning", Reason.SCORE_ABOVE),
        (0.51, "reasoning", Reason.SCORE_ABOVE),
    ],
    ids=["below", "at", "above"],
)
def test_the_threshold_belongs_to_the_upper_side(value: float, tier: str, reason: Reason) -> None:
    """A score that just reaches the threshold is above it."""
    verdict = policy({"a": {"weight": 1}}).decide(request(), {"a": value})

    assert (tier, reason, value, "threshold") == (
        verdict.tier,
        verdict.reason,
        verdict.score,
        verdict.path,
    )


def test_a_verdict_says_by_how_much_it_was_decided() -> None:
    """Above the threshold or below it."""
    judged = policy({"a": {"weight": 1}})
    margins = [judged.decide(request(), {"a": value}).margin for value in (0.25, 0.5, 1.0)]

    assert [-0.25, 0.0, 0.5] == margins


def test_shares_are_weighted_and_full_at_a_value() -> None:
    """A signal's share grows up to `full_at` and no further; a silent signal has none."""
    weights = {
        "a": {"weight": 0.4, "full_at": 100},
        "b": {"weight": -0.2, "full_at": 10},
        "c": {"weight": 1},
    }
    verdict = policy(weights).decide(request(), {"a": 50.0, "b": 1000.0})

    assert {"a": 0.2, "b": -0.2} == verdict.shares
    assert 0.0 == verdict.score


def test_a_nested_policy_keeps_a_score_of_its_own() -> None:
    """The verdict holds the score that decided, with its shares."""
    inner = {
        "threshold": {"at": 0.1, "above": "fast", "below": "fast", "weights": {"b": {"weight": 1}}}
    }
    verdict = policy({"a": {"weight": 1}}, above=inner).decide(request(), {"a": 1.0, "b": 0.3})

    assert (0.3, {"b": 0.3}) == (verdict.score, verdict.shares)
    assert "threshold>threshold" == verdict.path


def test_a_nested_policy_without_a_score_gets_this_one() -> None:
    """The score that led to a nested policy is not lost."""
    verdict = policy({"a": {"weight": 1}}, above={"fixed": "fast"}).decide(request(), {"a": 0.7})

    assert (0.7, Reason.FIXED, "threshold>fixed") == (verdict.score, verdict.reason, verdict.path)


@settings(deadline=None, max_examples=100)
@given(WEIGHTS, SIGNALS)
def test_the_score_is_between_0_and_1(weights: object, signals: dict[str, float]) -> None:
    """Whatever the weights and values; and it is what the shares add up to, bounded."""
    verdict = policy(weights).decide(request(), signals)

    assert verdict.score is not None
    assert 0.0 <= verdict.score <= 1.0
    assert verdict.score == pytest.approx(min(max(sum(verdict.shares.values()), 0.0), 1.0))


@settings(deadline=None, max_examples=100)
@given(WEIGHTS, SIGNALS, st.sampled_from(NAMES), st.floats(0, 1))
def test_the_score_never_falls_when_a_weight_grows(
    weights: dict[str, dict[str, float]], signals: dict[str, float], name: str, more: float
) -> None:
    """An operator who raises a weight never moves a request towards the cheaper side."""
    old = weights.setdefault(name, {"weight": 0.0, "full_at": 1.0})
    raised = {**weights, name: {**old, "weight": min(old["weight"] + more, 1.0)}}

    before = policy(weights).decide(request(), signals).score
    after = policy(raised).decide(request(), signals).score

    assert before is not None
    assert after is not None
    assert after >= before - 1e-12


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"at": 1.5}, "$.policy.at"),
        ({"at": -0.1}, "$.policy.at"),
        ({"weights": {}}, "$.policy.weights"),
        ({"weights": {"d": {"weight": 1}}}, "$.policy.weights.d"),
        ({"weights": {"a": {"weight": 2}}}, "$.policy.weights[...].weight"),
        ({"weights": {"a": {"weight": 1, "full_at": 0}}}, "$.policy.weights[...].full_at"),
        ({"above": "medium"}, "$.policy.above"),
        ({"below": "medium"}, "$.policy.below"),
        ({"surprise": 1}, "$.policy"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_parameter_is_named_by_its_path(change: dict[str, Any], path: str) -> None:
    """Bounds, signals and tiers are checked when the config is read."""
    with pytest.raises(ConfigError) as caught:
        policy(**{"weights": {"a": {"weight": 1}}, **change})

    assert path == caught.value.path
