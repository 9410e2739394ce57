"""The values of a decision."""

import inspect
import re

import pytest
from builders import decision

from extproc.decision import Reason, Verdict


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_fits_a_header_a_label_and_a_log_key(reason: Reason) -> None:
    """Reasons are lower-case words joined by underscores, which fit all three."""
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", reason.value)


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_named_as_its_value_and_explained(reason: Reason) -> None:
    """Code and wire use one word, and the docstring says what it means."""
    explained = inspect.getdoc(Reason) or ""

    assert reason.name.lower() == reason.value
    assert f"{reason.name}: " in explained


def test_a_verdict_needs_a_tier_alone() -> None:
    """An operator's policy may name a tier and no more."""
    verdict = Verdict(tier="fast")

    assert (Reason.POLICY, None, {}, "custom") == (
        verdict.reason,
        verdict.score,
        verdict.shares,
        verdict.path,
    )


def test_a_decision_cannot_be_changed() -> None:
    """What was decided stays so, whoever holds it."""
    made = decision()

    with pytest.raises(AttributeError):
        made.tier = "reasoning"  # type: ignore[misc]


def test_a_decision_says_nothing_that_nobody_said() -> None:
    """Without signals, policy or failure the fields are empty, and the body goes on untouched."""
    made = decision()

    assert (None, {}, {}, None) == (made.score, made.shares, made.signals, made.coverage)
    assert (False, None, None) == (made.pinned, made.body, made.failure)
