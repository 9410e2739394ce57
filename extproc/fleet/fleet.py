"""The concern: what is known of the tiers' load, as long as the process lives."""

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry

from extproc.config import Config
from extproc.config.fleet import Fleet as Section, Limits
from extproc.errors import ConfigError
from extproc.fleet.discovery import Discovery, Listed
from extproc.fleet.metrics import FleetMetrics
from extproc.fleet.scraper import Scraper
from extproc.fleet.shedding import Shedding
from extproc.fleet.spill import Spill
from extproc.fleet.tier import TierLoad
from extproc.router import Adjuster
from extproc.stages import Stage

_FIND_SECONDS = 5.0


class Fleet:
    """Nothing of it runs where the config has no `fleet`. `workers` processes share the requests of
    this replica of the router.
    """

    def __init__(self, config: Config, registry: CollectorRegistry, *, workers: int = 1) -> None:
        self._started = config.fleet
        self._section = config.fleet or Section()
        self._shedding = Shedding()
        stale = self._section.scrape.stale_seconds
        self.loads = {tier.name: TierLoad(stale=stale, workers=workers) for tier in config.tiers}
        self._scraper: Scraper | None = None
        if config.fleet is not None:
            FleetMetrics(self.loads, self._limits, registry)
            self._scraper = Scraper(
                config.fleet.scrape, self.loads, _discoveries(config), find_seconds=_FIND_SECONDS
            )

    async def start(self) -> None:
        """Begin to scrape."""
        if self._scraper is not None:
            await self._scraper.start()

    async def stop(self) -> None:
        """End it."""
        if self._scraper is not None:
            await self._scraper.stop()

    def stages(self, config: Config) -> Sequence[Stage]:
        """It asks nothing of shared state."""
        del config
        return ()

    def adjusters(self, config: Config) -> Sequence[Adjuster]:
        """What the load has to say; ConfigError where it is not scraped as the config says."""
        _check(self._started, config)
        if config.fleet is None:
            return ()
        self._section = config.fleet
        return (Spill(config.fleet, self.loads, self._shedding),)

    def _limits(self, tier: str) -> Limits:
        return self._section.limits_of(tier)


def _discoveries(config: Config) -> Mapping[str, Discovery]:
    return {tier.name: Listed(tier.endpoints) for tier in config.tiers}


def _check(started: Section | None, config: Config) -> None:
    """What scrapes was built from changes with a restart."""
    fleet = config.fleet
    if (started is None) != (fleet is None):
        raise ConfigError("a change here needs a restart", path="$.fleet")
    if started is None or fleet is None:
        return
    for key in ("scrape", "kubernetes"):
        if getattr(started, key) != getattr(fleet, key):
            raise ConfigError("a change here needs a restart", path=f"$.fleet.{key}")
    names = [tier.name for tier in config.tiers]
    for name in fleet.tiers:
        if name not in names:
            raise ConfigError(
                f"no such tier; there are: {', '.join(names)}", path=f"$.fleet.tiers.{name}"
            )
