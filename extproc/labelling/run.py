"""Labels many tasks, several at a time, until they are done or somebody says stop."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from msgspec import Struct

from extproc.labelling.client import AskError, Client, Endpoint
from extproc.labelling.graders import Grader
from extproc.labelling.journal import Journal
from extproc.labelling.tasks import Task

IN_A_ROW: Final = 5
"""So many failures without a success between them end the run: something is wrong with all."""


class Answers(Struct, frozen=True, kw_only=True):
    """What each tier answered to a task."""

    key: str
    fast: str
    reasoning: str


class Label(Struct, frozen=True, kw_only=True):
    """How well each tier answered, from 0 to 1, and who said so: a line for `calibrate`."""

    key: str
    messages: Sequence[Mapping[str, Any]]
    fast: float
    reasoning: float
    by: str


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of the tasks so far; `failure` is what ended the run, where something did."""

    labelled: int = 0
    skipped: int = 0
    failed: int = 0
    in_a_row: int = 0
    failure: AskError | None = None

    @property
    def ended(self) -> int:
        """How many tasks are behind."""
        return self.labelled + self.skipped + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelling:
    """Asks, journals, grades, journals. `said` is told after each task."""

    client: Client
    fast: Endpoint
    reasoning: Endpoint
    grader: Grader
    by: str
    answers: Journal[Answers]
    labels: Journal[Label]
    said: Callable[[Tally], None]

    async def run(
        self, tasks: Sequence[Task], tally: Tally, concurrency: int, stop: asyncio.Event
    ) -> None:
        """Label the tasks; once `stop` is set, end those that were begun."""
        waiting = iter(tasks)
        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(self._work(waiting, tally, stop))

    async def _work(self, waiting: Iterator[Task], tally: Tally, stop: asyncio.Event) -> None:
        while not stop.is_set() and (task := next(waiting, None)) is not None:
            try:
                done = await self._label(task)
            except AskError as error:
                tally.failed += 1
                tally.in_a_row += 1
                if tally.in_a_row >= IN_A_ROW:
                    tally.failure = error
                    stop.set()
            else:
                tally.labelled += done
                tally.skipped += not done
                tally.in_a_row = 0
            self.said(tally)

    async def _label(self, task: Task) -> bool:
        answers = self.answers.entries.get(task.key) or await self._ask(task)
        grades = await self.grader.grade(task, answers.fast, answers.reasoning)
        if grades is None:
            return False
        label = Label(
            key=task.key,
            messages=task.messages,
            fast=grades.fast,
            reasoning=grades.reasoning,
            by=self.by,
        )
        self.labels.append(label)
        return True

    async def _ask(self, task: Task) -> Answers:
        fast, reasoning = await asyncio.gather(
            self.client.ask(self.fast, task.messages),
            self.client.ask(self.reasoning, task.messages),
        )
        answers = Answers(key=task.key, fast=fast, reasoning=reasoning)
        self.answers.append(answers)
        return answers
