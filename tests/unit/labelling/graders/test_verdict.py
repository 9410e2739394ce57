"""The words for a pair of answers."""

import pytest

from extproc.labelling.graders import Grades, Verdict


@pytest.mark.parametrize(
    ("verdict", "fast", "reasoning"), [("a", 1, 0), ("b", 0, 1), ("tie", 1, 1), ("bad", 0, 0)]
)
def test_a_verdict_is_two_grades(verdict: str, fast: float, reasoning: float) -> None:
    """Whichever tier is A."""
    said = Verdict(verdict)

    assert Grades(fast=fast, reasoning=reasoning) == said.grades(fast_is_a=True)
    assert Grades(fast=reasoning, reasoning=fast) == said.grades(fast_is_a=False)
