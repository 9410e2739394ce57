"""Stages for tests of what carries them."""

import asyncio
from collections.abc import Sequence

from builders import config
from typing_extensions import override

from extproc.exchange import Exchange
from extproc.routing import Routing, routing
from extproc.stages import Effect, Stage
from extproc.state import Result


class Waiting(Stage):
    """Waits, at each decision, for what `wait` gives."""

    def __init__(self, wait: Effect) -> None:
        self._wait = wait

    @override
    def told(self, exchange: Exchange, results: Sequence[Result]) -> Effect | None:
        """Wait first, then note the result."""
        if results:
            exchange.facts["told"] = str(results[0])
            return None
        return self._wait


async def soon() -> Sequence[Result]:
    """A result in another turn of the event loop."""
    await asyncio.sleep(0)
    return [7]


async def never() -> Sequence[Result]:
    """No result, ever."""
    await asyncio.Event().wait()
    return []


async def broken() -> Sequence[Result]:
    """An effect that breaks its contract."""
    await asyncio.sleep(0)
    raise RuntimeError("a bug")


def waiting(wait: Effect) -> Routing:
    """What is decided once `wait` has given something."""
    return routing(config(), stages=[Waiting(wait)])
