"""One child process: started, listened to, and ended with everything it started itself."""

import asyncio
import contextlib
import json
import os
import signal
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Final

from extproc.errors import TiergateError

_LINE_LIMIT: Final = 1 << 20
_KEPT_LINES: Final = 200
LineHandler = Callable[[str, str], None]
"""Takes the child's name and a line of its stderr."""


class ChildError(TiergateError):
    """Raised when a child ends, or does not get ready, before it should."""


class Child:
    """A running child. It has a process group of its own, so a Ctrl-C reaches the parent alone."""

    def __init__(self, name: str, process: Process, on_line: LineHandler) -> None:
        self.name = name
        self._process = process
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._on_line = on_line
        self._listening = asyncio.ensure_future(self._listen())

    @classmethod
    async def start(
        cls,
        name: str,
        argv: Sequence[str],
        on_line: LineHandler,
        *,
        env: Mapping[str, str] | None = None,
        announces: bool = True,
    ) -> "Child":
        """Start `argv` with `env` added to the environment; OSError where it cannot be.

        One that `announces` says on stdout when it is ready; what others write there is heard as
        their stderr is.
        """
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdout=PIPE,
            stderr=PIPE if announces else STDOUT,
            env={**os.environ, **(env or {})},
            limit=_LINE_LIMIT,
            start_new_session=True,
        )
        return cls(name, process, on_line)

    async def ready(self, seconds: float) -> dict[str, Any]:
        """The JSON object of its first line on stdout; ChildError where it does not come."""
        out = self._process.stdout
        assert out is not None  # noqa: S101 - stdout=PIPE above
        try:
            line = await asyncio.wait_for(out.readline(), seconds)
        except TimeoutError:
            raise ChildError(f"{self.name} was not ready within {seconds:g} s") from None
        if not line:
            await self.ended()
            raise ChildError(self.epitaph())
        said: dict[str, Any] = json.loads(line)
        return said

    async def ended(self) -> None:
        """Wait until it has ended and all it said has been heard."""
        await self._process.wait()
        await self._listening

    def epitaph(self) -> str:
        """How it ended, in one line, with its own last word; an event of its log is none."""
        how = _how(self._process.returncode)
        last = next((line for line in reversed(self._lines) if not line.startswith("{")), "")
        return f"{self.name} {how}" + (f": {last}" if last else "")

    @property
    def lines(self) -> Sequence[str]:
        """The last lines it wrote, without empty ones."""
        return tuple(self._lines)

    async def stop(self, grace: float) -> None:
        """SIGTERM, and SIGKILL for its whole group after `grace` seconds."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), grace)
        self._signal(signal.SIGKILL)
        await self.ended()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    async def _listen(self) -> None:
        heard = self._process.stderr or self._process.stdout
        assert heard is not None  # noqa: S101 - one of them is a pipe of its own
        async for raw in _lines(heard):
            line = raw.decode(errors="replace").rstrip()
            if line:
                self._lines.append(line)
            self._on_line(self.name, line)


async def _lines(heard: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Each line; of one beyond the reader's limit, what does not fit is left out."""
    while True:
        try:
            line = await heard.readline()
        except ValueError:  # asyncio's word for a line over the limit; the reader goes on after it
            continue
        if not line:
            return
        yield line


def _how(status: int | None) -> str:
    if status is None:
        return "is running"
    if status < 0:
        return f"was ended by signal {-status} ({signal.strsignal(-status)})"
    return f"ended with status {status}"
