"""Who says how good a pair of answers is."""

from typing import Protocol

from extproc.labelling.graders.exact import Exact
from extproc.labelling.graders.hand import Hand
from extproc.labelling.graders.judge import Judge
from extproc.labelling.graders.verdict import Grades, Verdict
from extproc.labelling.tasks import Task

__all__ = ["Exact", "Grader", "Grades", "Hand", "Judge", "Verdict"]


class Grader(Protocol):
    """Grades one pair after the other."""

    async def grade(self, task: Task, fast: str, reasoning: str) -> Grades | None:
        """How good each answer is, None where nobody can say; AskError where a judge is silent."""
