"""Keeps what is known of the tiers fresh, in the background: one task for each replica.

Every process of a router scrapes for itself. A scrape costs the router 0.5 ms of CPU and vLLM about
as much, which is less than what it takes to keep processes informed of each other's.
"""

import asyncio
import random
from collections.abc import Mapping
from typing import Final

import aiohttp
import structlog

from extproc.config.fleet import Scrape
from extproc.fleet.discovery import Discovery, Lost
from extproc.fleet.exposition import Reading, Unreadable, read
from extproc.fleet.tier import TierLoad

_JITTER: Final = 0.2


class Scraper:
    """Finds and scrapes the replicas of every tier; `loads` learn what it sees.

    The start waits for a first look at all of them, but no longer than `first_seconds`.
    """

    def __init__(
        self,
        config: Scrape,
        loads: Mapping[str, TierLoad],
        discoveries: Mapping[str, Discovery],
        *,
        find_seconds: float,
        first_seconds: float = 2.0,
    ) -> None:
        self._config = config
        self._loads = loads
        self._discoveries = discoveries
        self._find_seconds = find_seconds
        self._first_seconds = first_seconds
        self._log = structlog.get_logger()
        self._finding: list[asyncio.Task[None]] = []
        self._scraping: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._lost: set[str] = set()
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Begin, and know as much as can be known at once."""
        timeout = aiohttp.ClientTimeout(total=self._config.deadline_seconds)
        self._session = aiohttp.ClientSession(timeout=timeout)
        first = [self._find(tier) for tier in self._discoveries]
        try:
            async with asyncio.timeout(self._first_seconds):
                await asyncio.gather(*first)
                await asyncio.gather(
                    *(self._scrape(*place) for place in tuple(self._scraping)),
                )
        except TimeoutError:
            self._log.warning("fleet_unknown", seconds=self._first_seconds)
        self._finding = [asyncio.ensure_future(self._keep_finding(t)) for t in self._discoveries]

    async def stop(self) -> None:
        """End all tasks and connections."""
        tasks = [*self._finding, *self._scraping.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _keep_finding(self, tier: str) -> None:
        while True:
            await asyncio.sleep(_jittered(self._find_seconds))
            await self._find(tier)

    async def _find(self, tier: str) -> None:
        """Ask where a tier's replicas are, and scrape exactly those."""
        try:
            addresses = await self._discoveries[tier].find()
        except Lost as error:
            if tier not in self._lost:
                self._log.error("fleet_lost", tier=tier, error=str(error))
            self._lost.add(tier)
            return
        self._lost.discard(tier)
        self._loads[tier].place(addresses)
        for place in [place for place in self._scraping if place[0] == tier]:
            if place[1] not in addresses:
                self._scraping.pop(place).cancel()
        for address in addresses:
            if (tier, address) not in self._scraping:
                task = asyncio.ensure_future(self._keep_scraping(tier, address))
                self._scraping[tier, address] = task

    async def _keep_scraping(self, tier: str, address: str) -> None:
        while True:
            await asyncio.sleep(_jittered(self._config.interval_seconds))
            await self._scrape(tier, address)

    async def _scrape(self, tier: str, address: str) -> None:
        load = self._loads[tier]
        try:
            reading = await self._fetch(address)
        except (aiohttp.ClientConnectorError, ConnectionRefusedError):
            load.missed(address, gone=True)
        except (aiohttp.ClientError, TimeoutError, Unreadable, OSError):
            load.missed(address, gone=False)
        else:
            load.read(address, reading)

    async def _fetch(self, address: str) -> Reading:
        assert self._session is not None  # noqa: S101 - `start` has made it
        async with self._session.get(f"http://{address}/metrics", raise_for_status=True) as reply:
            page = await reply.content.read(self._config.max_bytes + 1)
            while len(page) <= self._config.max_bytes and not reply.content.at_eof():
                page += await reply.content.read(self._config.max_bytes + 1 - len(page))
        if len(page) > self._config.max_bytes:
            raise Unreadable(f"over {self._config.max_bytes} bytes")
        return read(page)


def _jittered(seconds: float) -> float:
    """Give or take a fifth, so that scrapes of many routers do not come at once."""
    return seconds * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret
