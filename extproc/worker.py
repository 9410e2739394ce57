"""One worker of several: decisions at an address of its own, and nothing else.

    python -m extproc.worker SETTINGS          a JSON object, as `Settings`

Prints one JSON line with its address when it serves, and after that a line of its metrics for each
line on its stdin. It ends as the router does: by SIGTERM after a drain, or at once where its stdin
ends, since then the router is gone.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from extproc.config import load, with_port
from extproc.runtime import Runtime
from extproc.telemetry import Snapshot, configure
from extproc.transport import transport


class Settings(Struct, frozen=True, kw_only=True):
    """What the router tells a worker; `overrides` are the router's own."""

    config: str
    address: str
    overrides: dict[str, Any]
    log_level: str
    workers: int = 1


class Said(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of a worker: where it serves, or what it counted."""

    address: str = ""
    metrics: Snapshot = ()


class Worker:
    """One worker's process. ConfigError where nothing can be made of its config."""

    def __init__(self, settings: Settings) -> None:
        path = Path(settings.config)
        self._address = settings.address
        self._runtime = runtime = Runtime(
            load(path), path, settings.overrides, workers=settings.workers
        )
        self._drain_seconds = runtime.config.server.drain_seconds
        self._transport = transport(runtime.config, lambda: runtime.routing, runtime.observer)

    async def run(self) -> None:
        """Serve until SIGTERM, or until stdin ends."""
        stop = asyncio.Event()
        self._runtime.obey_signals(stop)
        asyncio.get_running_loop().add_reader(sys.stdin, self._asked, stop)
        try:
            await self._runtime.services.start()
            port = await self._transport.start(self._address)
            self._runtime.observer.config_loaded(None)
            _say(Said(address=with_port(self._address, port)))
            await self._runtime.until_told(stop, self._drain)
        finally:
            await self._transport.stop()

    async def _drain(self) -> None:
        await self._transport.drain(self._drain_seconds)

    def _asked(self, stop: asyncio.Event) -> None:
        if os.read(sys.stdin.fileno(), 64):
            _say(Said(metrics=self._runtime.metrics.snapshot()))
        else:
            asyncio.get_running_loop().remove_reader(sys.stdin)
            self._drain_seconds = 0.0
            stop.set()


def main(argument: str) -> None:
    """Run one worker."""
    settings = msgspec.json.decode(argument, type=Settings)
    configure(settings.log_level)
    asyncio.run(Worker(settings).run())


def _say(said: Said) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
