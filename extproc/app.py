"""The composition root: the only place that wires objects together."""

import asyncio
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from extproc.admin import Admin
from extproc.config import Config, with_port
from extproc.processor import Routing
from extproc.reload import Reloader
from extproc.router import Router
from extproc.server import Server
from extproc.targets import Catalogue
from extproc.telemetry import LogObserver, MetricsObserver, Observers


def routing(config: Config) -> Routing:
    """All that a config makes of requests; ConfigError where it cannot."""
    return Routing(
        router=Router(config),
        catalogue=Catalogue(config),
        max_body_bytes=config.server.max_body_bytes,
    )


class App:
    """The router process for one config file, from start to drain.

    `overrides` replace fields of the section `server`, now and after every reload.
    """

    def __init__(self, config: Config, path: Path, overrides: Mapping[str, Any]) -> None:
        self._overrides = overrides
        self._apply(config)
        metrics = MetricsObserver()
        self._observer = Observers((metrics, LogObserver()))
        self._admin = Admin(lambda: self._config, metrics)
        self._server = Server(
            lambda: self._routing,
            self._observer,
            max_body_bytes=self._config.server.max_body_bytes,
        )
        self._reloader = Reloader(
            path, config, apply=self._apply, report=self._observer.config_loaded
        )

    async def run(self, ready: Callable[[str, str], None]) -> None:
        """Serve until SIGTERM or SIGINT, then drain; a second one ends it at once.

        `ready` is called with the addresses of the gRPC and the admin server. OSError where one
        cannot be had.
        """
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reloader.reload)
        try:
            await self._serve(stop, ready)
        finally:
            await self._server.stop()
            await self._admin.stop()

    async def _serve(self, stop: asyncio.Event, ready: Callable[[str, str], None]) -> None:
        settings = self._config.server
        port = await self._server.start(settings.listen)
        admin_port = await self._admin.start(settings.admin)
        self._observer.config_loaded(None)
        ready(with_port(settings.listen, port), with_port(settings.admin, admin_port))
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(self._reloader.watch())
            await stop.wait()
            await self._drain(stop)
            watching.cancel()

    async def _drain(self, stop: asyncio.Event) -> None:
        self._admin.ready = False
        stop.clear()
        draining = asyncio.ensure_future(self._server.drain(self._config.server.drain_seconds))
        impatient = asyncio.ensure_future(stop.wait())
        await asyncio.wait((draining, impatient), return_when=asyncio.FIRST_COMPLETED)
        for task in (draining, impatient):
            task.cancel()

    def _apply(self, config: Config) -> None:
        """Swap what requests are judged by; streams that are open keep what they began with."""
        server = replace(config.server, **self._overrides)
        config = replace(config, server=server)
        self._routing = routing(config)
        self._config = config
