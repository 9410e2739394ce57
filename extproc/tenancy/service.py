"""Tenants as a concern of the process: follows the registry, and admits requests by it."""

import asyncio
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Gauge

from extproc.config import Budget, Config
from extproc.router import Adjuster
from extproc.stages import Stage
from extproc.state import Store
from extproc.telemetry import Observer
from extproc.tenancy.access import accesses
from extproc.tenancy.adjuster import confine
from extproc.tenancy.authentication import Authenticator
from extproc.tenancy.following import Follower
from extproc.tenancy.limits import PAUSE, Limits
from extproc.tenancy.settling import Settling
from extproc.tenancy.spending import Spending
from extproc.tenancy.stage import Admission
from extproc.tenancy.storage import storage
from extproc.usage.accounting import ledger_of


class Tenancy:
    """Nothing at all for a config without tenants. `settling` must be told of every request that
    has ended; `registry` takes the metric.
    """

    def __init__(
        self, config: Config, observer: Observer, store: Store, registry: CollectorRegistry
    ) -> None:
        shared = config.state.redis is not None
        self.settling = Settling(store.run, store.apart, shared=shared)
        self._store = store
        self._follower: Follower | None = None
        self._spending: Spending | None = None
        self._tasks: list[asyncio.Task[None]] = []
        if config.tenants is None:
            return
        self._storage = storage(config)
        self._follower = follower = Follower(self._storage, observer.failed)
        Gauge(
            "tiergate_tenants_current",
            "1 where the tenants were read when last looked at, 0 where older ones had to stay.",
            registry=registry,
        ).set_function(lambda: follower.current)
        ledger = ledger_of(config)
        budgets = {plan.budget for plan in config.tenants.plans.values()}
        if ledger is not None and budgets != {Budget()}:
            self._spending = Spending(ledger, store.run, observer.failed)

    async def start(self) -> None:
        """Read the registry, and follow it and the ledger from now on."""
        if self._follower is not None:
            await self._follower.look()
            self._tasks.append(asyncio.ensure_future(self._follower.follow()))
        if self._spending is not None:
            self._tasks.append(asyncio.ensure_future(self._spending.follow()))

    async def stop(self) -> None:
        """Follow them no longer."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.settling.stop()
        if self._follower is not None:
            await self._storage.close()
        if self._spending is not None:
            await self._spending.close()

    def stages(self, config: Config) -> Sequence[Stage]:
        """What admits requests."""
        follower = self._follower
        if config.tenants is None or follower is None:
            return ()
        heard = config.state.redis is not None or config.server.workers == 1
        settle = self.settling.settle if heard else None
        authenticator = Authenticator(config.tenants, lambda: follower.directory)
        return (
            Admission(config, authenticator, accesses(config)),
            Limits(
                config.tenants,
                self._store.apart,
                settle,
                self._store.run,
                pause=min(PAUSE, config.server.deadline_seconds / 2),
            ),
        )

    def adjusters(self, config: Config) -> Sequence[Adjuster]:
        """What keeps each tenant to its tiers."""
        if config.tenants is None:
            return ()
        return (confine(tuple(tier.name for tier in config.tiers)),)
