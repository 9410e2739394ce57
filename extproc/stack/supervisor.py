"""Starts tiers, router and Envoy, watches them, and ends all when one ends."""

import asyncio
import contextlib
import socket
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from extproc.config import Config, Tier
from extproc.dataplane import envoy_binary, render
from extproc.stack.child import Child, ChildError
from extproc.stack.envoy import wait_ready
from extproc.stack.reporting import Reporter

_READY_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 5.0
_ANY_PORT: Final = "127.0.0.1:0"
_ROUTER: Final = (sys.executable, "-m", "extproc", "serve")
_SIMULATOR: Final = (sys.executable, "-m", "extproc.engines.sim")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is started and where; `simulate` starts a simulator for each replica of the config."""

    config: Config
    path: Path
    gateway: str
    admin: str
    simulate: bool
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
            _check_free(address)
        (router, admin), endpoints = await asyncio.gather(self._router(), self._tiers())
        bootstrap = render(
            options.config,
            gateway=options.gateway,
            router=router,
            envoy_admin=_ANY_PORT,
            endpoints=endpoints,
        )
        gateway = await self._envoy(binary, folder, yaml.safe_dump(bootstrap))
        self._reporter.ready(f"http://{gateway}", admin, options.config.models.aliases[0])
        await self._first_to_end()

    async def _router(self) -> tuple[str, str]:
        options = self._options
        arguments = ("--config", str(options.path), "--listen", _ANY_PORT)
        more = ("--admin", options.admin, "--drain", "0", "--log-level", options.log_level)
        child = await self._start("router", (*_ROUTER, *arguments, *more))
        said = await child.ready(_READY_SECONDS)
        self._reporter.step(f"router decides at {said['grpc']}")
        return said["grpc"], said["admin"]

    async def _tiers(self) -> Mapping[str, tuple[str, ...]]:
        """The replicas of each tier by name."""
        tiers = self._options.config.tiers
        if not self._options.simulate:
            return {tier.name: tier.endpoints for tier in tiers}
        replicas = await asyncio.gather(
            *(
                self._simulator(tier, number)
                for tier in tiers
                for number in range(len(tier.endpoints))
            )
        )
        return {
            tier.name: tuple(address for name, address in replicas if name == tier.name)
            for tier in tiers
        }

    async def _simulator(self, tier: Tier, number: int) -> tuple[str, str]:
        aliases = self._options.config.models.aliases if tier.serves_aliases else ()
        arguments = ("--served-model-name", tier.model, *aliases, "--profile", tier.profile)
        more = ("--port", "0", "--max-model-len", str(tier.max_model_len))
        name = f"{tier.name}-{number}"
        child = await self._start(name, (*_SIMULATOR, *arguments, *more))
        said = await child.ready(_READY_SECONDS)
        self._reporter.step(f"{name} answers at {said['url']} ({tier.model}, simulated)")
        return tier.name, said["url"].removeprefix("http://")

    async def _envoy(self, binary: Path, folder: Path, bootstrap: str) -> str:
        """Start Envoy; the gateway's `host:port` once it serves."""
        file, address = folder / "envoy.yaml", folder / "admin"
        file.write_text(bootstrap)
        flags = ("--admin-address-path", str(address), "--use-dynamic-base-id")
        argv = (str(binary), "-c", str(file), *flags, "--log-level", "error")
        child = await self._start("envoy", argv)
        tiers = frozenset(tier.name for tier in self._options.config.tiers)
        ready = asyncio.ensure_future(wait_ready(address, tiers))
        ended = asyncio.ensure_future(child.ended())
        await asyncio.wait(
            (ready, ended), timeout=_READY_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        if not ready.done():
            ready.cancel()
            raise ChildError(f"envoy did not get ready: {child.epitaph()}")
        ended.cancel()
        self._reporter.step(f"envoy listens at {ready.result()}")
        return ready.result()

    async def _start(self, name: str, argv: tuple[str, ...]) -> Child:
        child = await Child.start(name, argv, self._reporter.line)
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


def _check_free(address: str) -> None:
    """OSError where another process listens there; Envoy would say so in many lines."""
    host, _, port = address.rpartition(":")
    with socket.socket(socket.AF_INET6 if "[" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as error:
            raise OSError(f"cannot listen on {address}: {error.strerror}") from error
