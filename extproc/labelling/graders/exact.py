r"""By a known answer: 1 where an answer comes to the reference, else 0.

An answer comes to what it ends with: its last line, what follows the last `####`, `Answer:` or
`answer is`, or what is in the last `\boxed{}`. Case, white space, markup and end punctuation do
not count, numbers are compared as numbers, and a single letter may stand in brackets.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Final

from extproc.labelling.graders.verdict import Grades
from extproc.labelling.tasks import Task

_MARK: Final = re.compile(r"####|answer\s*(?:is)?\s*:|answer\s+is", re.IGNORECASE)
_BOXED: Final = re.compile(r"\\boxed\{([^{}]*)\}")
_NUMBER: Final = re.compile(r"-?\d[\d,]*(?:\.\d+)?|-?\.\d+")
_AROUND: Final = " \t\r\n.,;:!?\"'`*_$()[]{}"


class Exact:
    """Grades by each task's reference; a task without one is left out."""

    async def grade(self, task: Task, fast: str, reasoning: str) -> Grades | None:
        """1 or 0 for each."""
        if task.reference is None:
            return None
        right = task.reference
        return Grades(fast=float(matches(fast, right)), reasoning=float(matches(reasoning, right)))


def matches(answer: str, reference: str) -> bool:
    """Whether the answer comes to the reference."""
    wanted = _plain(reference)
    number = _number(wanted)
    if number is None:
        return any(_plain(said) == wanted for said in _conclusions(answer))
    return any(_last_number(said) == number for said in _conclusions(answer))


def _conclusions(answer: str) -> Iterator[str]:
    """What may be meant, the most explicit first; one that is explicit stands alone."""
    boxed = _BOXED.findall(answer)
    if boxed:
        yield boxed[-1]
        return
    marks = list(_MARK.finditer(answer))
    if marks:
        yield answer[marks[-1].end() :].strip().partition("\n")[0]
        return
    yield answer.strip().rpartition("\n")[2]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).strip(_AROUND)


def _last_number(text: str) -> Decimal | None:
    found = _NUMBER.findall(text)
    return _number(found[-1]) if found else None


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
