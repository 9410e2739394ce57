"""One child process: started, listened to, and ended with everything it started itself."""

import asyncio
import contextlib
import json
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from typing import Any, Final

from extproc.errors import TiergateError

_LINE_LIMIT: Final = 1 << 20
LineHandler = Callable[[str, str], None]
"""Takes the child's name and a line of its stderr."""


class ChildError(TiergateError):
    """Raised when a child ends, or does not get ready, before it should."""


class Child:
    """A running child. It has a process group of its own, so a Ctrl-C reaches the parent alone."""

    def __init__(self, name: str, process: Process, on_line: LineHandler) -> None:
        self.name = name
        self._process = process
        self._last = ""
        self._on_line = on_line
        self._listening = asyncio.ensure_future(self._listen())

    @classmethod
    async def start(cls, name: str, argv: Sequence[str], on_line: LineHandler) -> "Child":
        """Start `argv`; OSError where it cannot be."""
        process = await asyncio.create_subprocess_exec(
            *argv, stdout=PIPE, stderr=PIPE, limit=_LINE_LIMIT, start_new_session=True
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
        return f"{self.name} {how}" + (f": {self._last}" if self._last else "")

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
        err = self._process.stderr
        assert err is not None  # noqa: S101 - stderr=PIPE at the start
        async for raw in err:
            line = raw.decode(errors="replace").rstrip()
            if line and not line.startswith("{"):
                self._last = line
            self._on_line(self.name, line)


def _how(status: int | None) -> str:
    if status is None:
        return "is running"
    if status < 0:
        return f"was ended by signal {-status} ({signal.strsignal(-status)})"
    return f"ended with status {status}"
