"""An admin server with a console, on a free port, and a client of it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from builders import config, routed

from extproc.admin import Admin
from extproc.config import with_port
from extproc.console.pages import Console
from extproc.console.recent import Recent
from extproc.telemetry import MetricsObserver

SENT = {"x-tiergate-console": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The console, what it shows, and a client of it."""

    recent: Recent
    metrics: MetricsObserver
    client: aiohttp.ClientSession
    port: int

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Status and text of a page."""
        async with self.client.get(path, headers=headers) as response:
            return response.status, await response.text()


@asynccontextmanager
async def showing(
    address: str = "127.0.0.1:0", *, gateway: str = "127.0.0.1:1", **settings: object
) -> AsyncIterator[Shown]:
    """A console with these settings; the playground sends to `gateway`."""
    made = config(console={"gateway": gateway, **settings})
    recent, metrics = Recent(10), MetricsObserver()
    routing = routed()
    console = Console(lambda: made, lambda: routing, recent, metrics)
    admin = Admin(lambda: made, metrics, pages=console.routes)
    port = await admin.start(address)
    base = f"http://{with_port('127.0.0.1:0', port)}"
    try:
        async with aiohttp.ClientSession(base) as client:
            yield Shown(recent=recent, metrics=metrics, client=client, port=port)
    finally:
        await admin.stop()
