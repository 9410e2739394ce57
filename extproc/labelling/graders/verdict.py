"""The words for a pair of answers, the same for a judge and for a person."""

import enum
from dataclasses import dataclass
from typing import Protocol, final

from extproc.labelling.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Grades:
    """How good each tier's answer is, from 0 to 1."""

    fast: float
    reasoning: float


class Grader(Protocol):
    """Grades one pair after the other."""

    async def grade(self, task: Task, fast: str, reasoning: str) -> Grades | None:
        """How good each answer is, None where nobody can say; AskError where a judge is silent."""


@final
@enum.unique
class Verdict(enum.StrEnum):
    """What is said of answer A beside answer B; a tie of good answers is not one of bad ones.

    Attributes:
        A: A is better.
        B: B is better.
        TIE: both do.
        BAD: neither does.

    """

    A = "a"
    B = "b"
    TIE = "tie"
    BAD = "bad"

    def grades(self, *, fast_is_a: bool) -> Grades:
        """1 for the better one and for both that do, 0 for the rest."""
        a, b = float(self in {Verdict.A, Verdict.TIE}), float(self in {Verdict.B, Verdict.TIE})
        return Grades(fast=a, reasoning=b) if fast_is_a else Grades(fast=b, reasoning=a)
