"""By a person, whose keyboard is a pipe here and a terminal in tests/cli."""

import asyncio
import io
import os
from collections.abc import Iterator

import pytest
from rich.console import Console

from extproc.labelling.graders import Grades, Hand
from extproc.labelling.tasks import Task

FAST_FIRST = Task(key="00", messages=[{"role": "user", "content": "[b]why[/b]?"}])
FAST_LAST = Task(key="01", messages=FAST_FIRST.messages)


class Person:
    """What a person types, and sees."""

    def __init__(self) -> None:
        self.keyboard, self._keys = os.pipe()
        self.stop = asyncio.Event()
        self.screen = io.StringIO()
        self.hand = Hand(Console(file=self.screen, width=80), self.keyboard, self.stop)

    def type(self, line: bytes) -> None:
        """A line."""
        os.write(self._keys, line)

    def leave(self) -> None:
        """Close what is typed on."""
        os.close(self._keys)
        self._keys = os.open(os.devnull, os.O_WRONLY)

    def end(self) -> None:
        """Close both ends."""
        os.close(self._keys)
        os.close(self.keyboard)


@pytest.fixture
def person() -> Iterator[Person]:
    """One at the keyboard."""
    one = Person()
    yield one
    one.end()


@pytest.mark.parametrize(
    ("task", "key", "expected"),
    [
        (FAST_FIRST, b"a\n", Grades(fast=1, reasoning=0)),
        (FAST_LAST, b"A\n", Grades(fast=0, reasoning=1)),
        (FAST_LAST, b" = \n", Grades(fast=1, reasoning=1)),
        (FAST_LAST, b"0\n", Grades(fast=0, reasoning=0)),
        (FAST_LAST, b"s\n", None),
    ],
)
async def test_a_key_is_a_verdict(
    person: Person, task: Task, key: bytes, expected: Grades | None
) -> None:
    """The task's key says which tier is A."""
    person.type(key)

    assert expected == await person.hand.grade(task, "yes", "no")
    assert not person.stop.is_set()


async def test_another_word_is_asked_again(person: Person) -> None:
    """Until it is one that is known."""
    grading = asyncio.ensure_future(person.hand.grade(FAST_FIRST, "yes", "no"))
    person.type(b"what?\n")
    while 2 != person.screen.getvalue().count("quit > "):  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    person.type(b"b\n")

    assert Grades(fast=0, reasoning=1) == await grading


async def test_markup_is_shown_as_it_is(person: Person) -> None:
    """An answer cannot dress itself up."""
    person.type(b"s\n")
    await person.hand.grade(FAST_LAST, "[red]x[/red]", "y")

    assert "[b]why[/b]?" in person.screen.getvalue()
    assert person.screen.getvalue().index("y") < person.screen.getvalue().index("[red]x[/red]")


async def test_who_quits_is_not_asked_again(person: Person) -> None:
    """The pairs that wait are left for another time."""
    person.type(b"q\n")

    assert await person.hand.grade(FAST_FIRST, "yes", "no") is None
    assert await person.hand.grade(FAST_LAST, "yes", "no") is None
    assert 1 == person.screen.getvalue().count("quit > ")


async def test_the_end_of_input_is_a_quit(person: Person) -> None:
    """As where a file ends."""
    person.leave()

    assert await person.hand.grade(FAST_FIRST, "yes", "no") is None
    assert person.stop.is_set()


async def test_who_is_stopped_need_not_type(person: Person) -> None:
    """Ctrl-C ends the waiting."""
    grading = asyncio.ensure_future(person.hand.grade(FAST_FIRST, "yes", "no"))
    await asyncio.sleep(0)
    person.stop.set()

    assert await grading is None
