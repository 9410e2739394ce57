"""Shared state behind one interface: Redis while it answers in time, this process otherwise."""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final, Protocol, TypeAlias

from extproc.config import State
from extproc.state.batch import Batch
from extproc.state.call import Call, Result
from extproc.state.failure import Failure
from extproc.state.memory import Memory

Clock: TypeAlias = Callable[[], float]
PAUSE: Final = 1.0
"""Seconds for which Redis is left alone after it has failed."""
CARRY: Final = 1.0
"""Seconds for data that nobody waits for."""


class StoreListener(Protocol):
    """Is told how Redis does; `failure` is None where it answered."""

    def stored(self, *, seconds: float, failure: Failure | None) -> None:
        """One round trip, or one that failed after `seconds`."""


class Store:
    """Runs calls. It never raises and never takes longer than the deadline: what Redis does not
    answer in time is answered from this process, by the part of each limit that is its own.

    `workers` share this process's part where there is no Redis at all. `memory` is what it keeps
    here, and `apart` what it keeps of operations that want that.
    """

    def __init__(
        self,
        config: State,
        listener: StoreListener,
        *,
        workers: int = 1,
        clock: Clock = monotonic,
    ) -> None:
        self._listener = listener
        self._clock = clock
        self._resume_at = 0.0
        share = 1.0 / workers if config.redis is None else config.redis.local_share / workers
        self.memory = Memory(capacity=config.max_entries, share=share)
        self.apart = Memory(capacity=config.max_entries, share=share)
        self._batch: Batch | None = None
        self._cargo: Batch | None = None
        if config.redis is not None:
            from extproc.state.redis import Redis  # noqa: PLC0415 - 10 MB for those who need it

            self._redis = Redis(config.redis)
            self._batch = Batch(self._ask)
            self._freighter = Redis(config.redis)
            self._cargo = Batch(self._carry)

    def send(self, calls: Sequence[Call]) -> None:
        """As `post`, of much data: it has a second and a way of its own, so that it neither holds
        up what requests wait for nor speaks for Redis when it is late. Without Redis it is dropped.
        """
        if self._cargo is not None and self.shared:
            self._cargo.post(calls)

    @property
    def shared(self) -> bool:
        """Whether the next call will be Redis's to answer."""
        return self._batch is not None and self._clock() >= self._resume_at

    async def run(self, calls: Sequence[Call]) -> Sequence[Result]:
        """The results, in the order of the calls. Calls of the same moment share a round trip."""
        if self._batch is not None and self._clock() >= self._resume_at:
            results = await self._batch.run(calls)
            if results is not None:
                return results
        return [self._here(call) for call in calls]

    def post(self, calls: Sequence[Call]) -> None:
        """Run calls whose results nobody waits for."""
        if self._batch is not None and self._clock() >= self._resume_at:
            self._batch.post(calls)
            return
        for call in calls:
            self._here(call)

    async def stop(self) -> None:
        """Finish what was posted, and close the connections."""
        if self._batch is not None and self._cargo is not None:
            await self._batch.stop()
            await self._cargo.stop()
            await self._redis.close()
            await self._freighter.close()

    def _here(self, call: Call) -> Result:
        memory = self.apart if call.operation.apart else self.memory
        return call.operation.local(memory, call.keys, call.args)

    async def _carry(self, calls: Sequence[Call]) -> Sequence[Result] | None:
        """One round trip of data that may be lost."""
        started = self._clock()
        try:
            return await self._freighter.run(calls, CARRY)
        except Failure as failure:
            self._listener.stored(seconds=self._clock() - started, failure=failure)
            return None

    async def _ask(self, calls: Sequence[Call]) -> Sequence[Result] | None:
        """One round trip; None where it failed, and then nothing is asked for a while."""
        started = self._clock()
        failure: Failure | None = None
        results: Sequence[Result] | None = None
        try:
            results = await self._redis.run(calls)
        except Failure as error:
            failure = error
            self._resume_at = self._clock() + PAUSE
        self._listener.stored(seconds=self._clock() - started, failure=failure)
        return results
