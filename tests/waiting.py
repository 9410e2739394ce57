"""Waiting for what must come, in an event loop."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 15.0) -> None:
    """Ask until the answer is True; TimeoutError where it does not come."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - nobody else says when it has come
            await asyncio.sleep(0.002)
