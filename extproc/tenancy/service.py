"""Tenants as a concern of the process: follows the registry, and admits requests by it."""

import asyncio
import contextlib
from collections.abc import Sequence

from extproc.config import Config
from extproc.router import Adjuster
from extproc.stages import Stage
from extproc.telemetry import Observer
from extproc.tenancy.access import accesses
from extproc.tenancy.adjuster import confine
from extproc.tenancy.authentication import Authenticator
from extproc.tenancy.following import Follower
from extproc.tenancy.stage import Admission
from extproc.tenancy.storage import storage


class Tenancy:
    """Nothing at all for a config without tenants."""

    def __init__(self, config: Config, observer: Observer) -> None:
        self._storage = None if config.tenants is None else storage(config)
        self._follower = None if self._storage is None else Follower(self._storage, observer.failed)
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read the registry, and follow it from now on."""
        if self._follower is not None:
            await self._follower.look()
            self._following = asyncio.ensure_future(self._follower.follow())

    async def stop(self) -> None:
        """Follow it no longer."""
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
        if self._storage is not None:
            await self._storage.close()

    def stages(self, config: Config) -> Sequence[Stage]:
        """What admits requests."""
        follower = self._follower
        if config.tenants is None or follower is None:
            return ()
        authenticator = Authenticator(config.tenants, lambda: follower.directory)
        return (Admission(config, authenticator, accesses(config)),)

    def adjusters(self, config: Config) -> Sequence[Adjuster]:
        """What keeps each tenant to its tiers."""
        if config.tenants is None:
            return ()
        return (confine(tuple(tier.name for tier in config.tiers)),)
