"""Starts tiers, router and Envoy, watches them, and ends all when one ends."""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from extproc.config import Config
from extproc.dataplane import envoy_binary, render
from extproc.stack.child import Child, ChildError
from extproc.stack.engines import READY_SECONDS, Engine, Launch
from extproc.stack.envoy import wait_ready
from extproc.stack.ports import check_free
from extproc.stack.replicas import Replicas
from extproc.stack.reporting import Reporter

_STOP_SECONDS: Final = 5.0
_ANY_PORT: Final = "127.0.0.1:0"
_ROUTER: Final = (sys.executable, "-m", "extproc", "serve")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is started and where; without an `engine` the tiers are where the config says."""

    config: Config
    path: Path
    gateway: str
    admin: str
    engine: Engine | None
    log_level: str = "info"


class Stack:
    """The children of one `tiergate up`."""

    def __init__(self, options: Options, reporter: Reporter) -> None:
        self._options = options
        self._reporter = reporter
        self._children: list[Child] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Start everything, serve until `stop` is set, and end everything whatever happens.

        Raises ChildError where a child ends early, OSError where an address is taken, ConfigError
        where Envoy is missing.
        """
        stopping = asyncio.ensure_future(stop.wait())
        with tempfile.TemporaryDirectory(prefix="tiergate-") as folder:
            try:
                serving = asyncio.ensure_future(self._serve(Path(folder)))
                await asyncio.wait((stopping, serving), return_when=asyncio.FIRST_COMPLETED)
                await _settle(serving)
            finally:
                stopping.cancel()
                await self._end()

    async def _serve(self, folder: Path) -> None:
        options = self._options
        binary = envoy_binary()
        for address in (options.gateway, options.admin):
            check_free(address)
        router, endpoints = await asyncio.gather(self._router(), self._tiers())
        bootstrap = render(
            options.config,
            gateway=options.gateway,
            router=tuple(router["router"]),
            services=router["services"],
            envoy_admin=_ANY_PORT,
            endpoints=endpoints,
        )
        gateway = await self._envoy(binary, folder, yaml.safe_dump(bootstrap))
        self._reporter.ready(f"http://{gateway}", router["admin"], options.config.models.aliases[0])
        await self._first_to_end()

    async def _router(self) -> Mapping[str, Any]:
        """Where it decides, takes the access log, and answers operators."""
        options = self._options
        arguments = ("--config", str(options.path), "--listen", _ANY_PORT)
        places = ("--services", _ANY_PORT, "--admin", options.admin)
        more = ("--drain", "0", "--log-level", options.log_level)
        launch = Launch(argv=(*_ROUTER, *arguments, *places, *more), what="router")
        child = await self._launch("router", launch)
        said = await child.ready(READY_SECONDS)
        self._reporter.step(f"router decides at {', '.join(said['router'])}")
        return said

    async def _tiers(self) -> Mapping[str, tuple[str, ...]]:
        """The replicas of each tier by name."""
        config, engine = self._options.config, self._options.engine
        if engine is None:
            self._reporter.step("tiers answer where the config says, as soon as they do")
            return {tier.name: tier.endpoints for tier in config.tiers}
        return await Replicas(engine, self._launch, self._reporter).run(config)

    async def _envoy(self, binary: Path, folder: Path, bootstrap: str) -> str:
        """Start Envoy; the gateway's `host:port` once it serves."""
        file, address = folder / "envoy.yaml", folder / "admin"
        file.write_text(bootstrap)
        flags = ("--admin-address-path", str(address), "--use-dynamic-base-id")
        argv = (str(binary), "-c", str(file), *flags, "--log-level", "error")
        child = await self._launch("envoy", Launch(argv=argv, what="envoy"))
        options = self._options
        started = options.config.tiers if options.engine is not None else ()
        tiers = frozenset(tier.name for tier in started)
        ready = asyncio.ensure_future(wait_ready(address, tiers))
        ended = asyncio.ensure_future(child.ended())
        await asyncio.wait(
            (ready, ended), timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        if not ready.done():
            ready.cancel()
            raise ChildError(f"envoy did not get ready: {child.epitaph()}")
        ended.cancel()
        self._reporter.step(f"envoy listens at {ready.result()}")
        return ready.result()

    async def _launch(self, name: str, launch: Launch) -> Child:
        child = await Child.start(
            name, launch.argv, self._reporter.line, env=launch.env, announces=launch.announces
        )
        self._children.append(child)
        return child

    async def _first_to_end(self) -> None:
        ends = {asyncio.ensure_future(child.ended()): child for child in self._children}
        done, pending = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        raise ChildError(ends[done.pop()].epitaph())

    async def _end(self) -> None:
        """Envoy first, so that no request meets a router or a tier that is gone."""
        for child in reversed(self._children):
            await child.stop(_STOP_SECONDS)


async def _settle(task: "asyncio.Future[None]") -> None:
    """The task's own error, or its end by cancellation where it still runs."""
    if not task.done():
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
