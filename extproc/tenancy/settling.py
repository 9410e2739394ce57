"""Settlements on their way: one that Redis does not take is held until it does."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from typing_extensions import override

from extproc.state import Call, Memory, Result
from extproc.state.store import PAUSE
from extproc.telemetry import Completed, Unmoved
from extproc.tenancy.settlement import LEASE, settle

HELD: Final = 10_000
"""How many wait at most; of more, the oldest go: their leases expire, and the ledger has their
costs.
"""
_BATCH: Final = 50
"""How many go at once: more might miss the deadline each time."""
_LAST_SECONDS: Final = 1.5
"""How long the end of the process waits for a Redis that does not take what is held."""


class Settling(Unmoved):
    """Ends the lease of each request, corrects its tokens and adds its cost; for a record that
    comes twice, once.

    Each settlement is applied to `memory`, which knows of what this process has granted; and with
    `shared` it is given to `run` until Redis has it, after a `pause` in seconds where it had not.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Call]], Awaitable[Sequence[Result]]],
        memory: Memory,
        *,
        shared: bool,
        pause: float = PAUSE,
    ) -> None:
        self._run = run
        self._memory = memory
        self._shared = shared
        self._pause = pause
        self._held: deque[Call] = deque(maxlen=HELD)
        self._bringing: asyncio.Task[None] | None = None

    @override
    def completed(self, record: Completed) -> None:
        """Nobody waits for it."""
        lease = record.facts.get(LEASE)
        if lease:
            self.settle(settle(record, lease))

    def settle(self, call: Call) -> None:
        """As a record's settlement."""
        call.operation.local(self._memory, call.keys, call.args)
        if not self._shared:
            return
        self._held.append(call)
        if self._bringing is None:
            self._bringing = asyncio.ensure_future(self._bring())

    async def stop(self) -> None:
        """Let what is held arrive, for as long as that may take."""
        bringing = self._bringing
        if bringing is not None:
            await asyncio.wait((bringing,), timeout=_LAST_SECONDS)
            bringing.cancel()

    async def _bring(self) -> None:
        while self._held:
            batch = [self._held.popleft() for _ in range(min(_BATCH, len(self._held)))]
            while None in await self._run(batch):  # noqa: ASYNC110 - Redis does not call back
                await asyncio.sleep(self._pause)
        self._bringing = None
