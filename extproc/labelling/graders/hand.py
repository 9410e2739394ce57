"""By a person at a terminal, who does not see which tier said what."""

import asyncio
import os
from collections.abc import Mapping
from typing import Final

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from extproc.labelling.graders.judge import text_of
from extproc.labelling.graders.verdict import Grades, Verdict
from extproc.labelling.tasks import Task

_KEYS: Final[Mapping[str, Verdict]] = {
    "a": Verdict.A,
    "b": Verdict.B,
    "=": Verdict.TIE,
    "0": Verdict.BAD,
}
_ASKED: Final = "a: A is better  b: B is better  =: both do  0: neither  s: skip  q: quit > "


class Hand:
    """Shows one pair at a time and reads lines from `keyboard`, whose end means to quit.

    `stop` is set where the person quits, and ends the waiting for a line where others set it.
    """

    def __init__(self, console: Console, keyboard: int, stop: asyncio.Event) -> None:
        self._console = console
        self._keyboard = keyboard
        self._stop = stop
        self._one = asyncio.Lock()

    async def grade(self, task: Task, fast: str, reasoning: str) -> Grades | None:
        """What the person says, None for a pair that is skipped."""
        fast_is_a = int(task.key, 16) % 2 == 0
        async with self._one:
            if self._stop.is_set():
                return None
            self._show(task, fast, reasoning, fast_is_a=fast_is_a)
            verdict = await self._asked()
        return verdict.grades(fast_is_a=fast_is_a) if verdict else None

    def _show(self, task: Task, fast: str, reasoning: str, *, fast_is_a: bool) -> None:
        a, b = (fast, reasoning) if fast_is_a else (reasoning, fast)
        for message in task.messages:
            self._console.print(Panel(Text(text_of(message)), title=str(message["role"])))
        for title, answer in (("A", a), ("B", b)):
            self._console.print(Panel(Text(answer), title=title, border_style="bold"))

    async def _asked(self) -> Verdict | None:
        while True:
            self._console.print(Text(_ASKED), end="")
            word = await self._line()
            if word is None or word == "q":
                self._stop.set()
                return None
            if word == "s":
                return None
            if word in _KEYS:
                return _KEYS[word]

    async def _line(self) -> str | None:
        """The next line, None at the end of input or once `stop` is set."""
        loop = asyncio.get_running_loop()
        line: asyncio.Future[bytes] = loop.create_future()
        stopped = asyncio.ensure_future(self._stop.wait())
        loop.add_reader(self._keyboard, self._read, line)
        try:
            await asyncio.wait((line, stopped), return_when=asyncio.FIRST_COMPLETED)
        finally:
            loop.remove_reader(self._keyboard)
            stopped.cancel()
        read = line.result() if line.done() else b""
        return read.decode(errors="replace").strip().casefold() if read else None

    def _read(self, line: asyncio.Future[bytes]) -> None:
        asyncio.get_running_loop().remove_reader(self._keyboard)
        line.set_result(os.read(self._keyboard, 1024))
