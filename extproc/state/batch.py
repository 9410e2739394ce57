"""Calls that come in the same turn of the event loop go to Redis in one round trip."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from extproc.state.call import Call, Result

Answers: TypeAlias = Sequence[Result] | None
Ask: TypeAlias = Callable[[Sequence[Call]], Awaitable[Answers]]


class Batch:
    """Gathers calls and hands them to `ask`, which gives their results, or None for none."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._waiting: list[tuple[Sequence[Call], asyncio.Future[Answers]]] = []
        self._trips: set[asyncio.Task[None]] = set()

    async def run(self, calls: Sequence[Call]) -> Answers:
        """The results of these calls, or None."""
        return await self._add(calls)

    def post(self, calls: Sequence[Call]) -> None:
        """Send calls along, and wait for nothing."""
        _ = self._add(calls)

    async def stop(self) -> None:
        """Let what was sent arrive."""
        await asyncio.sleep(0)  # what was added in this turn leaves in the next
        await asyncio.gather(*self._trips)

    def _add(self, calls: Sequence[Call]) -> "asyncio.Future[Answers]":
        loop = asyncio.get_running_loop()
        answers: asyncio.Future[Answers] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._leave)
        self._waiting.append((calls, answers))
        return answers

    def _leave(self) -> None:
        waiting, self._waiting = self._waiting, []
        trip = asyncio.ensure_future(self._travel(waiting))
        self._trips.add(trip)
        trip.add_done_callback(self._trips.discard)

    async def _travel(
        self, waiting: Sequence[tuple[Sequence[Call], "asyncio.Future[Answers]"]]
    ) -> None:
        results: Answers = None
        try:
            results = await self._ask([call for calls, _ in waiting for call in calls])
        finally:  # after a bug too: nobody may wait for ever
            at = 0
            for calls, answers in waiting:
                mine = None if results is None else results[at : at + len(calls)]
                at += len(calls)
                if not answers.done():  # nobody waits any more where the client has gone
                    answers.set_result(mine)
