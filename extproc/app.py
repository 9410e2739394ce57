"""The composition root: the only place that wires objects together."""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from pathlib import Path

from extproc.admin import Admin
from extproc.config import Config
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
    """The router process for one config file, from start to drain."""

    def __init__(self, config: Config, path: Path) -> None:
        self._config = config
        self._routing = routing(config)
        self._drain_seconds = config.server.drain_seconds
        metrics = MetricsObserver()
        self._observer = Observers((metrics, LogObserver()))
        self._admin = Admin(lambda: self._config, metrics)
        self._server = Server(
            lambda: self._routing, self._observer, max_body_bytes=config.server.max_body_bytes
        )
        self._reloader = Reloader(
            path, config, apply=self._apply, report=self._observer.config_loaded
        )

    async def run(self, ready: Callable[[int, int], None]) -> None:
        """Serve until SIGTERM or SIGINT, then drain; a second one ends it at once.

        `ready` is called with the ports of the gRPC and the admin server. OSError where an address
        cannot be had.
        """
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reloader.reload)
        port = await self._server.start(self._config.server.listen)
        admin_port = await self._admin.start(self._config.server.admin)
        self._observer.config_loaded(None)
        ready(port, admin_port)
        watching = loop.create_task(self._reloader.watch())
        await stop.wait()
        await self._shut_down(stop)
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching

    async def _shut_down(self, stop: asyncio.Event) -> None:
        self._admin.ready = False
        stop.clear()
        draining = asyncio.ensure_future(self._server.drain(self._drain_seconds))
        impatient = asyncio.ensure_future(stop.wait())
        await asyncio.wait((draining, impatient), return_when=asyncio.FIRST_COMPLETED)
        for task in (draining, impatient):
            task.cancel()
        await self._admin.stop()

    def _apply(self, config: Config) -> None:
        """Swap what requests are judged by; streams that are open keep what they began with."""
        self._routing = routing(config)
        self._config = config
