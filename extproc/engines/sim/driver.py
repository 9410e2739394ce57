"""Runs the scheduler in real time: sleeps for every step and hands its tokens to those who wait.

The only module between the sans-I/O engine and asyncio. Steps follow each other on a time line of
their own, so that the event loop's oversleeping does not add up.
"""

import asyncio
from collections.abc import Iterator, Sequence as Seq
from contextlib import contextmanager
from typing import Final

from extproc.engines.sim.metrics import Metrics
from extproc.engines.sim.scheduler import QueueFull, Scheduler, StepResult
from extproc.engines.sim.sequence import Sequence

# Beyond this the process itself is too slow for the profile, and chasing the time line is futile.
_MAX_LAG_SECONDS: Final = 0.005


class EngineDriver:
    """One engine on the running event loop; `run` steps it until it is cancelled."""

    def __init__(self, scheduler: Scheduler, metrics: Metrics) -> None:
        self._scheduler = scheduler
        self._metrics = metrics
        self._queues: dict[int, asyncio.Queue[Sequence]] = {}
        self._work = asyncio.Event()

    @staticmethod
    def now() -> float:
        """The engine's clock: seconds of the event loop."""
        return asyncio.get_running_loop().time()

    @contextmanager
    def generating(self, sequences: Seq[Sequence]) -> Iterator[asyncio.Queue[Sequence]]:
        """Queue the sequences of one request; raises QueueFull.

        The yielded queue receives a sequence each time it has generated a token (once, for an
        empty output). Leaving the context aborts what has not finished.
        """
        try:
            self._scheduler.add(sequences)
        except QueueFull:
            self._metrics.rejected()
            raise
        queue: asyncio.Queue[Sequence] = asyncio.Queue()
        self._queues |= {id(sequence): queue for sequence in sequences}
        self._work.set()
        try:
            yield queue
        finally:
            for sequence in sequences:
                del self._queues[id(sequence)]
                if self._scheduler.abort(sequence):
                    self._metrics.aborted()

    async def run(self) -> None:
        """Step the engine for ever; idle, it waits for the next request."""
        clock = self.now()
        while True:
            if self._scheduler.running + self._scheduler.waiting == 0:
                self._work.clear()
                await self._work.wait()
                clock = self.now()
            clock = await self._step(clock)

    async def _step(self, clock: float) -> float:
        plan = self._scheduler.schedule(clock)
        await asyncio.sleep(plan.ends_at - self.now())
        result = self._scheduler.update(plan)
        self._metrics.observe(result)
        self._deliver(result)
        now = self.now()
        return plan.ends_at if now - plan.ends_at < _MAX_LAG_SECONDS else now

    def _deliver(self, result: StepResult) -> None:
        for token in result.tokens:
            self._queues[id(token.sequence)].put_nowait(token.sequence)
        for sequence in result.finished:
            if not sequence.output:
                self._queues[id(sequence)].put_nowait(sequence)
