"""The composition root: the only place that wires objects together."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extproc.admin import Admin
from extproc.config import Config, alone, services_address, with_port, worker_addresses
from extproc.console.pages import Console
from extproc.console.replicas import replicas
from extproc.errors import ConfigError
from extproc.routing import routing
from extproc.runtime import Runtime
from extproc.server import Server
from extproc.transport import Single, transport
from extproc.worker import Settings
from extproc.workers import Workers

if TYPE_CHECKING:
    from extproc.otel.exporting import Exporter

__all__ = ["App", "Where", "routing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The addresses that were had: of each worker, of the services, of the page for operators."""

    router: tuple[str, ...]
    services: str
    admin: str


class App:
    """The router for one config file, from start to drain.

    `overrides` replace fields of the section `server`, now and after every reload.
    """

    def __init__(
        self, config: Config, path: Path, overrides: Mapping[str, Any], log_level: str = "info"
    ) -> None:
        self._runtime = runtime = Runtime(config, path, overrides)
        self._stop = asyncio.Event()
        server = runtime.config.server
        self._services = Server(
            (lambda: runtime.routing) if alone(server) else None,
            runtime.observer,
            max_body_bytes=server.max_body_bytes,
        )
        self._deciders: Single | Workers | None = None
        if server.workers > 1:
            settings = Settings(
                config=str(path),
                address="",
                overrides=dict(overrides),
                log_level=log_level,
                workers=server.workers,
            )
            self._deciders = Workers(settings, worker_addresses(server), self._stop.set)
        elif not alone(server):
            carried = transport(runtime.config, lambda: runtime.routing, runtime.observer)
            self._deciders = Single(carried, server.listen)
        self._exporter = _exporter(runtime.config)
        if self._exporter is not None:
            runtime.observer.add(self._exporter)
        others = self._deciders.counted if self._deciders is not None else None
        console = Console(
            lambda: runtime.config,
            lambda: runtime.routing,
            runtime.recent,
            runtime.metrics,
            lambda: tuple(replicas(runtime.services, runtime.config)),
        )
        self._admin = Admin(lambda: runtime.config, runtime.metrics, others, console.routes)

    async def run(self, ready: Callable[[Where], None]) -> int:
        """Serve until SIGTERM or SIGINT, then drain; a second one ends it at once. Then 0, for the
        process to end with.

        `ready` is called once it serves. OSError where an address cannot be had, WorkerError where
        workers do not get ready or keep ending.
        """
        self._runtime.obey_signals(self._stop, self._reload)
        try:
            ready(await self._start())
            await self._runtime.until_told(self._stop, self._drain)
        finally:
            await self._services.stop()
            if self._deciders is not None:
                await self._deciders.stop()
            await self._admin.stop()
            if self._exporter is not None:
                await asyncio.to_thread(self._exporter.close)
        if isinstance(self._deciders, Workers) and self._deciders.failure is not None:
            raise self._deciders.failure
        return 0

    async def _start(self) -> Where:
        server = self._runtime.config.server
        await self._runtime.services.start()
        address = services_address(server)
        services = with_port(address, await self._services.start(address))
        router = (services,) if self._deciders is None else await self._deciders.start()
        admin = with_port(server.admin, await self._admin.start(server.admin))
        self._runtime.observer.config_loaded(None)
        return Where(router=router, services=services, admin=admin)

    async def _drain(self) -> None:
        self._admin.ready = False
        seconds = self._runtime.config.server.drain_seconds
        draining = [self._services.drain(seconds)]
        if self._deciders is not None:
            draining.append(self._deciders.drain(seconds))
        await asyncio.gather(*draining)

    def _reload(self) -> None:
        self._runtime.reloader.reload()
        if self._deciders is not None:
            self._deciders.reload()


def _exporter(config: Config) -> "Exporter | None":
    if config.telemetry.otlp is None:
        return None
    try:
        from extproc.otel.exporting import Exporter  # noqa: PLC0415 - an extra, and 15 MB
    except ImportError:
        raise ConfigError(
            "needs OpenTelemetry's SDK: pip install 'tiergate[otel]'", path="$.telemetry.otlp"
        ) from None
    return Exporter(config.telemetry.otlp)
