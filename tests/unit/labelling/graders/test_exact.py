"""By a known answer."""

import pytest

from extproc.labelling.graders import Exact, Grades
from extproc.labelling.graders.exact import matches
from extproc.labelling.tasks import task


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ("4", "4"),
        ("2 + 2 makes\n\n**4.0**.", "4"),
        ("It costs $1,200 in all", "1200"),
        ("first 3, then\n#### 42", "42"),
        ("so \\boxed{7} follows from 8", "7"),
        ("The answer is (B).", "B"),
        ("Answer: B\nbecause of C", "b"),
        ("Berlin", " berlin. "),
        ("-.5", "-0.5"),
    ],
)
def test_an_answer_comes_to_the_reference(answer: str, reference: str) -> None:
    """However it is dressed."""
    assert matches(answer, reference)


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ("", "4"),
        ("4 or 5", "4"),
        ("4\nno: 5", "4"),
        ("\\boxed{8} or\n7", "7"),
        ("The answer is C, not B", "B"),
        ("none", "4"),
    ],
)
def test_another_answer_does_not(answer: str, reference: str) -> None:
    """Even where the right one stands on the way."""
    assert not matches(answer, reference)


async def test_each_tier_is_graded_by_the_reference() -> None:
    """A task without one is left out."""
    known, unknown = task([], "4"), task([])

    assert Grades(fast=0, reasoning=1) == await Exact().grade(known, "5", "4")
    assert await Exact().grade(unknown, "5", "4") is None
