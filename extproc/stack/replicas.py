"""The tiers' replicas: started by an engine, each as a child, and where each tier then is."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from extproc.config import Config, ModelServer, servers
from extproc.stack.child import Child
from extproc.stack.engines import Engine, Launch
from extproc.stack.reporting import Reporter

Starter = Callable[[str, Launch], Awaitable[Child]]
"""Starts a child of that name."""
_NO_LIMIT: Final = 1 << 16


class Replicas:
    """All replicas of a config, by one engine."""

    def __init__(self, engine: Engine, start: Starter, reporter: Reporter) -> None:
        self._engine = engine
        self._start = start
        self._reporter = reporter
        self._turn = asyncio.Semaphore(_NO_LIMIT if engine.together else 1)

    async def run(self, config: Config) -> Mapping[str, tuple[str, ...]]:
        """Start them all; the addresses of each tier by its name, once all answer.

        Tiers that share a server share its replicas. Raises what the engine raises.
        """
        found = await asyncio.gather(*(self._server(server) for server in servers(config)))
        return {name: addresses for tiers in found for name, addresses in tiers.items()}

    async def _server(self, server: ModelServer) -> Mapping[str, tuple[str, ...]]:
        addresses = await asyncio.gather(
            *(
                self._replica(server, number, endpoint)
                for number, endpoint in enumerate(server.tier.endpoints)
            )
        )
        return {tier.name: tuple(addresses) for tier in server.tiers}

    async def _replica(self, server: ModelServer, number: int, endpoint: str) -> str:
        name = f"{server.tier.name}-{number}"
        async with self._turn:
            launch = self._engine.launch(server, endpoint)
            child = await self._start(name, launch)
            address = await self._engine.ready(server, endpoint, child)
        self._reporter.step(f"{name} answers at http://{address} ({launch.what})")
        return address
