"""The concern: what is known of the tiers' load, as long as the process lives."""

import asyncio
from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry

from extproc.config import Config, Tier
from extproc.config.fleet import Fleet as Section, Limits
from extproc.errors import ConfigError
from extproc.fleet.discovery import Discovery, Listed
from extproc.fleet.kubernetes import Slices
from extproc.fleet.metrics import FleetMetrics
from extproc.fleet.retries import Retries
from extproc.fleet.scraper import Scraper
from extproc.fleet.sending import Sending
from extproc.fleet.shedding import Shedding
from extproc.fleet.spill import Spill
from extproc.fleet.steering import Steered, Steering
from extproc.fleet.tier import TierLoad
from extproc.router import Adjuster
from extproc.stages import Stage
from extproc.state import Store
from extproc.usage.prices import Book

_FIND_SECONDS: Final = 5.0
_FIXED: Final = ("scrape", "kubernetes")


class Fleet:
    """Nothing of it runs where the config has no `fleet`. `workers` processes share the requests of
    this replica of the router; `observer` counts what was asked again.
    """

    def __init__(
        self, config: Config, store: Store, registry: CollectorRegistry, *, workers: int = 1
    ) -> None:
        self._config = config
        self._fleet = fleet = config.fleet or Section()
        self._store = store
        self._shedding = Shedding()
        stale = fleet.scrape.stale_seconds
        self.loads = {tier.name: TierLoad(stale=stale, workers=workers) for tier in config.tiers}
        self._steering = Steering(self.loads)
        self._scraper: Scraper | None = None
        self._periods: asyncio.Task[None] | None = None
        self.observer = Retries(registry)
        if config.fleet is not None:
            FleetMetrics(self.loads, self._limits, self._steering, registry)
            found = {tier.name: _discovery(fleet, tier) for tier in config.tiers}
            asked = fleet.kubernetes.interval_seconds if fleet.kubernetes else _FIND_SECONDS
            self._scraper = Scraper(fleet.scrape, self.loads, found, find_seconds=asked)

    async def start(self) -> None:
        """Begin to scrape."""
        if self._scraper is not None:
            await self._scraper.start()
            self._periods = asyncio.ensure_future(self._steer())

    async def stop(self) -> None:
        """End it."""
        if self._scraper is not None:
            await self._scraper.stop()
        if self._periods is not None:
            self._periods.cancel()

    def stages(self, config: Config) -> Sequence[Stage]:
        """What counts the requests that go to each tier."""
        return () if config.fleet is None else (Sending(self.loads),)

    def adjusters(self, config: Config) -> Sequence[Adjuster]:
        """What the load has to say; ConfigError where it is not scraped as the config says."""
        _check(self._config, config)
        if config.fleet is None:
            return ()
        self._config, self._fleet = config, config.fleet
        spill = Spill(config.fleet, self.loads, self._shedding)
        steer = config.fleet.steer
        if steer is None:
            return (spill,)
        order = list(self.loads)
        cheaper = order[: order.index(steer.tier)][::-1]
        return (Steered(steering=self._steering, tier=steer.tier, cheaper=cheaper), spill)

    async def _steer(self) -> None:
        """One step a period, by the config that is then in force."""
        while True:
            steer = self._fleet.steer
            if steer is not None:
                calls = self._steering.calls(steer, Book(self._config.prices))
                self._steering.told(await self._store.run(calls))
            await asyncio.sleep(_FIND_SECONDS if steer is None else steer.period_seconds)

    def _limits(self, tier: str) -> Limits:
        return self._fleet.limits_of(tier)


def _discovery(fleet: Section, tier: Tier) -> Discovery:
    kubernetes = fleet.kubernetes
    if kubernetes is not None and tier.name in kubernetes.services:
        return Slices(kubernetes, kubernetes.services[tier.name])
    return Listed(tier.endpoints)


def _check(started: Config, config: Config) -> None:
    """What scrapes was built from changes with a restart; every tier that is named exists."""
    old, new = started.fleet, config.fleet
    if old is None or new is None:
        if old is not new:
            raise ConfigError("a change here needs a restart", path="$.fleet")
        return
    for key in _FIXED:
        if getattr(old, key) != getattr(new, key):
            raise ConfigError("a change here needs a restart", path=f"$.fleet.{key}")
    names = [tier.name for tier in config.tiers]
    for path, named in _named(new):
        if named not in names:
            known = ", ".join(names)
            raise ConfigError(f"no tier is called {named!r}; there are: {known}", path=path)
    if new.steer is not None:
        _check_steer(new, config, names)


def _named(fleet: Section) -> Sequence[tuple[str, str]]:
    named = [(f"$.fleet.tiers.{tier}", tier) for tier in fleet.tiers]
    if fleet.kubernetes is not None:
        named += [
            (f"$.fleet.kubernetes.services.{tier}", tier) for tier in fleet.kubernetes.services
        ]
    if fleet.steer is not None:
        named.append(("$.fleet.steer.tier", fleet.steer.tier))
    return named


def _check_steer(fleet: Section, config: Config, names: Sequence[str]) -> None:
    assert fleet.steer is not None  # noqa: S101 - whoever calls has looked
    if fleet.steer.tier == names[0]:
        raise ConfigError("no tier is cheaper", path="$.fleet.steer.tier")
    if fleet.steer.dollars_per_day is not None and fleet.steer.tier not in config.prices:
        raise ConfigError("needs the tier's price", path="$.fleet.steer.dollars_per_day")
