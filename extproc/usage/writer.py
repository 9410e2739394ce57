"""Brings entries to the ledger in batches, off the path of any request."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from time import monotonic
from typing import Final, Protocol

from extproc.usage.entry import Entry
from extproc.usage.ledger import Ledger, LedgerError

FLUSH_SECONDS: Final = 0.25
BATCH: Final = 500
_LONGEST_PAUSE: Final = 10.0
_PRUNE_SECONDS: Final = 3600.0
_LAST_SECONDS: Final = 3.0
"""How long the end of the process waits for a ledger that does not take what is left."""


class LedgerListener(Protocol):
    """Is told what became of entries."""

    def kept(self, *, written: int, replayed: int) -> None:
        """A batch is in the ledger; of it, `replayed` had been there before."""

    def ledger_failed(self, error: LedgerError) -> None:
        """A batch is not; it will be tried again."""

    def lost(self, entries: int) -> None:
        """So many will never be in the ledger: there was no room, or no time left."""


class Writer:
    """Holds at most `max_pending` entries until `ledger` has them; of more, the newest are lost,
    and that is told. Days older than `retention_days` are pruned once an hour.
    """

    def __init__(
        self,
        ledger: Ledger,
        listener: LedgerListener,
        *,
        max_pending: int,
        retention_days: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ledger = ledger
        self._listener = listener
        self._max_pending = max_pending
        self._retention = timedelta(days=retention_days)
        self._now = now
        self._pending: deque[Entry] = deque()
        self._stopping = False
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._prune_at = 0.0
        self._lost = 0

    @property
    def pending(self) -> int:
        """How many entries are not in the ledger yet."""
        return len(self._pending)

    def add(self, entry: Entry) -> None:
        """Have one entry counted soon."""
        if len(self._pending) >= self._max_pending:
            self._lost += 1
            return
        self._pending.append(entry)
        if len(self._pending) == BATCH:
            self._wake.set()

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.ensure_future(self._run())

    async def stop(self) -> None:
        """Write what is left, for as long as that may take, and let go of the ledger."""
        if self._task is not None:
            self._stopping = True
            self._wake.set()
            await self._task
            await self._finish()
        await self._ledger.close()

    async def _run(self) -> None:
        pause = FLUSH_SECONDS
        while not self._stopping:
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause)
            written = await self._flush()
            self._tell_lost()
            pause = FLUSH_SECONDS if written else min(pause * 2, _LONGEST_PAUSE)

    async def _finish(self) -> None:
        deadline = monotonic() + _LAST_SECONDS
        while not await self._flush() and monotonic() < deadline:  # noqa: ASYNC110 - as it comes
            await asyncio.sleep(FLUSH_SECONDS / 5)
        self._lost += len(self._pending)
        self._tell_lost()

    def _tell_lost(self) -> None:
        """Once for all that were lost meanwhile: there may be many."""
        lost, self._lost = self._lost, 0
        if lost:
            self._listener.lost(lost)

    async def _flush(self) -> bool:
        """Write all that is pending; whether the ledger took it. Without any it is left alone: of
        several processes, only the one that takes the access log writes.
        """
        if not self._pending:
            return True
        try:
            while self._pending:
                batch = list(islice(self._pending, BATCH))
                written = await self._ledger.write(batch)
                for _ in batch:
                    self._pending.popleft()
                self._listener.kept(written=written, replayed=len(batch) - written)
            await self._prune()
        except LedgerError as error:
            self._listener.ledger_failed(error)
            return False
        return True

    async def _prune(self) -> None:
        if monotonic() >= self._prune_at:
            await self._ledger.prune((self._now() - self._retention).date().isoformat())
            self._prune_at = monotonic() + _PRUNE_SECONDS
