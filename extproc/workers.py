"""The router's workers: started, watched, started again where one ends, asked what they counted."""

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import structlog
from msgspec.structs import replace

from extproc.errors import TiergateError
from extproc.telemetry import Snapshot, counted
from extproc.telemetry.totals import total
from extproc.worker import Said, Settings

_READY_SECONDS: Final = 30.0
_ANSWER_SECONDS: Final = 2.0
_END_SECONDS: Final = 2.0
_LONGEST_LINE: Final = 1 << 22
DEATHS: Final = 5
WITHIN: Final = 60.0


class WorkerError(TiergateError):
    """Raised where a worker does not get ready, or where workers keep ending."""


class _Child:
    """One process, and the lines that go to it and come from it."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.last: Snapshot = ()
        self._lock = asyncio.Lock()
        self._owed = 0

    @classmethod
    async def start(cls, settings: Settings) -> "_Child":
        """A process of its own session, so that a terminal's signals reach the router alone."""
        argv = (sys.executable, "-m", "extproc.worker", msgspec.json.encode(settings).decode())
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=PIPE, stdout=PIPE, limit=_LONGEST_LINE, start_new_session=True
        )
        return cls(process)

    async def said(self, seconds: float) -> Said:
        """The next line; WorkerError where none comes."""
        assert self.process.stdout is not None  # noqa: S101 - stdout=PIPE above
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), seconds)
        except TimeoutError:
            raise WorkerError(f"a worker said nothing for {seconds:g} s") from None
        if not line:
            raise WorkerError(f"a worker ended with status {await self.process.wait()}")
        return msgspec.json.decode(line, type=Said)

    async def counted(self) -> Snapshot:
        """What it has counted, or had when it last said so."""
        async with self._lock:
            with contextlib.suppress(WorkerError, ConnectionError):
                assert self.process.stdin is not None  # noqa: S101 - stdin=PIPE above
                self.process.stdin.write(b"metrics\n")
                self._owed += 1
                while self._owed:
                    self.last = (await self.said(_ANSWER_SECONDS)).metrics
                    self._owed -= 1
        return self.last

    def send(self, number: signal.Signals) -> None:
        """A signal; none where it has ended."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)


class Workers:
    """Keeps a worker on each address.

    `on_failure` is called where they keep ending; `failure` then says so, and none is started any
    more.
    """

    def __init__(
        self, settings: Settings, addresses: Sequence[str], on_failure: Callable[[], None]
    ) -> None:
        self._settings = [replace(settings, address=address) for address in addresses]
        self._on_failure = on_failure
        self._children: list[_Child] = []
        self._watching: list[asyncio.Task[None]] = []
        self._retired: Snapshot = ()
        self._deaths: deque[float] = deque(maxlen=DEATHS)
        self._log = structlog.get_logger()
        self.failure: WorkerError | None = None

    async def start(self) -> tuple[str, ...]:
        """Start all; their addresses, or WorkerError where one does not get ready."""
        self._children = list(await asyncio.gather(*map(_Child.start, self._settings)))
        said = await asyncio.gather(*(child.said(_READY_SECONDS) for child in self._children))
        for place, one in enumerate(said):
            # A worker that takes its place must be where Envoy looks for it.
            self._settings[place] = replace(self._settings[place], address=one.address)
            self._watching.append(asyncio.ensure_future(self._watch(place)))
        return tuple(one.address for one in said)

    async def counted(self) -> tuple[Snapshot, ...]:
        """What each worker has counted, and what those had that have ended."""
        counted_now = await asyncio.gather(*(child.counted() for child in self._children))
        return (self._retired, *counted_now)

    def reload(self) -> None:
        """Have each read the config again."""
        for child in self._children:
            child.send(signal.SIGHUP)

    async def drain(self, _: float) -> None:
        """Have each drain, and wait until it has ended."""
        self._unwatch()
        for child in self._children:
            child.send(signal.SIGTERM)
        await asyncio.gather(*(child.process.wait() for child in self._children))

    async def stop(self) -> None:
        """End those that still run: at once, and by force where they do not."""
        self._unwatch()
        for child in self._children:
            child.send(signal.SIGTERM)
            child.send(signal.SIGTERM)
        ends = [asyncio.ensure_future(child.process.wait()) for child in self._children]
        if ends:
            await asyncio.wait(ends, timeout=_END_SECONDS)
        for child in self._children:
            child.send(signal.SIGKILL)
        await asyncio.gather(*ends)

    def _unwatch(self) -> None:
        for task in self._watching:
            task.cancel()

    async def _watch(self, place: int) -> None:
        while True:
            child = self._children[place]
            status = await child.process.wait()
            self._retired = counted(total((self._retired, child.last)))
            self._log.error("worker_ended", address=self._settings[place].address, status=status)
            if self._is_hopeless():
                self.failure = WorkerError(f"{DEATHS} workers ended within {WITHIN:g} s")
                self._on_failure()
                return
            self._children[place] = child = await _Child.start(self._settings[place])
            with contextlib.suppress(WorkerError):
                await child.said(_READY_SECONDS)

    def _is_hopeless(self) -> bool:
        now = asyncio.get_running_loop().time()
        self._deaths.append(now)
        return len(self._deaths) == DEATHS and now - self._deaths[0] < WITHIN
