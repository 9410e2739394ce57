"""Keeps what this process knows of the tenants as it is where they are kept."""

import asyncio
from collections.abc import Callable
from typing import Final

from extproc.tenancy.registry import Directory
from extproc.tenancy.storage import Storage
from extproc.tenancy.values import RegistryError

INTERVAL: Final = 0.25
"""Seconds between two looks: what was revoked opens nothing a second later."""


class Follower:
    """The last good state of the registry. `report` is told of an error once, when it begins."""

    def __init__(self, storage: Storage, report: Callable[[Exception], None]) -> None:
        self._storage = storage
        self._report = report
        self._complaint = ""
        self.directory: Directory | None = None
        """None until the registry was read for the first time."""

    @property
    def current(self) -> bool:
        """Whether the last look found the registry."""
        return self.directory is not None and not self._complaint

    async def look(self) -> None:
        """Read the registry once; what was known stays where that fails."""
        known = None if self.directory is None else self.directory.registry
        try:
            registry = await self._storage.read(known)
        except RegistryError as error:
            if str(error) != self._complaint:
                self._report(error)
            self._complaint = str(error)
            return
        self._complaint = ""
        if registry is not known:
            self.directory = Directory(registry)

    async def follow(self, interval: float = INTERVAL) -> None:
        """Look again and again, until it is cancelled."""
        while True:
            await asyncio.sleep(interval)
            await self.look()
