"""What is in force in a process of the router, and how such a process ends."""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from extproc.config import Config
from extproc.console.recent import Recent
from extproc.reload import Reloader
from extproc.routing import Routing
from extproc.services import Services
from extproc.telemetry import LogObserver, MetricsObserver, Observers


class Runtime:
    """One config file in force, read again whenever it changes.

    `overrides` replace fields of the section `server`, now and after every reload; `workers` is how
    many processes share what this replica may hand out. ConfigError where nothing can be made of
    the config.
    """

    def __init__(
        self, config: Config, path: Path, overrides: Mapping[str, Any], *, workers: int = 1
    ) -> None:
        self._overrides = overrides
        self.metrics = MetricsObserver()
        self.observer = Observers((self.metrics, LogObserver(config.telemetry.log_sample)))
        self.services = Services(
            config, self.observer, registry=self.metrics.registry, workers=workers
        )
        self.recent = Recent(config.console.keep)
        self.observer.add(self.recent)
        self.observer.add(self.services.recorder)
        self.observer.add(self.services.tenancy.settling)
        self.observer.add(self.services.fleet.observer)
        self.observer.account(self.services.usage.account)
        self._apply(config)
        self.reloader = Reloader(
            path, config, apply=self._apply, report=self.observer.config_loaded
        )

    async def until_told(self, stop: asyncio.Event, drain: Callable[[], Awaitable[None]]) -> None:
        """Serve until `stop` is set, and then `drain`; set again, it ends the drain.

        All that is there by now stays, so the garbage collector need not look at it again: a look
        at all of it holds up every stream for some 16 ms, and finds nothing.
        """
        gc.collect()
        gc.freeze()
        try:
            await self._until_told(stop, drain)
        finally:
            gc.unfreeze()
            await self.services.stop()

    async def _until_told(self, stop: asyncio.Event, drain: Callable[[], Awaitable[None]]) -> None:
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(self.reloader.watch())
            await stop.wait()
            stop.clear()
            draining = asyncio.ensure_future(drain())
            impatient = asyncio.ensure_future(stop.wait())
            await asyncio.wait((draining, impatient), return_when=asyncio.FIRST_COMPLETED)
            for task in (draining, impatient, watching):
                task.cancel()

    def obey_signals(self, stop: asyncio.Event, reload: Callable[[], None] | None = None) -> None:
        """SIGTERM and SIGINT set `stop`; SIGHUP reads the config again, or calls `reload`."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, reload or self.reloader.reload)

    def _apply(self, config: Config) -> None:
        """Swap what requests are judged by; streams that are open keep what they began with."""
        config = replace(config, server=replace(config.server, **self._overrides))
        self.routing: Routing = self.services.routing(config)
        self.services.usage.reprice(config)
        self.config = config
