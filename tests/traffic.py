"""Steady traffic from clients that do not stop to look at what a test does to the gateway."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import aiohttp
import builders
from calls import CHAT, JSON
from faults import MATHS, PLAIN
from gateway import Gateway
from processes import until


class Sent(NamedTuple):
    """One request: when it was sent, by the monotonic clock, and how it ended.

    `status` is 0 and `reason` the error's name where there was no answer.
    """

    at: float
    status: int
    tier: str | None
    reason: str | None


@dataclass(slots=True)
class Traffic:
    """The ended requests, in the order of their ends."""

    sent: list[Sent] = field(default_factory=list)
    failed: list[Sent] = field(default_factory=list)

    def until_more(self, count: int) -> None:
        """Wait for `count` more requests to end."""
        wanted = len(self.sent) + count
        until(lambda: len(self.sent) >= wanted, what=f"{count} requests")

    def until_tier(self, tier: str) -> None:
        """Wait for a request that ends from now on and was meant for `tier`."""
        seen = len(self.sent)
        until(lambda: any(one.tier == tier for one in self.sent[seen:]), what=tier)


@contextlib.contextmanager
def steady(gateway: Gateway, *, per_second: int = 60) -> Iterator[Traffic]:
    """Requests at that rate, half of them for each tier, from start to end of the block."""
    traffic, stop = Traffic(), threading.Event()
    clients = threading.Thread(
        target=lambda: asyncio.run(_drive(gateway, traffic, stop, 1 / per_second))
    )
    clients.start()
    try:
        traffic.until_more(per_second // 4)
        yield traffic
    finally:
        stop.set()
        clients.join()


async def _drive(gateway: Gateway, traffic: Traffic, stop: threading.Event, pause: float) -> None:
    timeout = aiohttp.ClientTimeout(total=20)
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        aiohttp.ClientSession(gateway.url, timeout=timeout, connector=connector) as session,
        asyncio.TaskGroup() as requests,
    ):
        texts = (PLAIN, MATHS)
        number = 0
        while not stop.is_set():
            requests.create_task(_one(session, builders.chat(texts[number % 2]), traffic))
            number += 1
            await asyncio.sleep(pause)


async def _one(session: aiohttp.ClientSession, body: bytes, traffic: Traffic) -> None:
    at = time.monotonic()
    try:
        async with session.post(CHAT, data=body, headers={"content-type": JSON}) as response:
            await response.read()
            named = (response.headers.get(f"x-tiergate-{name}") for name in ("tier", "reason"))
            sent = Sent(at, response.status, *named)
    except (aiohttp.ClientError, TimeoutError) as error:
        sent = Sent(at, 0, None, type(error).__name__)
    traffic.sent.append(sent)
    if sent.status != 200:
        traffic.failed.append(sent)
