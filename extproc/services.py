"""What lives as long as the process, and what it makes of each config: stages and adjusters.

The one list of concerns: whoever adds one adds it here, and nowhere else on the request's path.
"""

from collections.abc import Sequence
from typing import Protocol

from prometheus_client import CollectorRegistry

from extproc.affinity import Affinity
from extproc.cache import AnswerCache
from extproc.config import Config
from extproc.fleet import Fleet
from extproc.learning import Recorder
from extproc.router import Adjuster
from extproc.routing import Routing, routing
from extproc.stages import Stage
from extproc.state import Store
from extproc.telemetry import Observer
from extproc.tenancy import Tenancy
from extproc.usage import Accounting


class Concern(Protocol):
    """One thing that outlives configs: tenants, affinity, caches, the fleet."""

    async def start(self) -> None:
        """Begin what goes on in the background; it must not fail where an outside thing is away."""

    async def stop(self) -> None:
        """End it, and write what is still to be written."""

    def stages(self, config: Config) -> Sequence[Stage]:
        """Its part of each request's way, for this config; ConfigError where there can be none."""

    def adjusters(self, config: Config) -> Sequence[Adjuster]:
        """What it has to say on each decision."""


class Services:
    """The concerns of one process, in the order in which they see a request; the first of them has
    the last word on a decision. `workers` is the number of processes that share the limits of this
    replica; `registry` takes their metrics.
    """

    def __init__(
        self, config: Config, observer: Observer, *, registry: CollectorRegistry, workers: int = 1
    ) -> None:
        self.registry = registry
        self.store = Store(config.state, observer, workers=workers)
        self.fleet = Fleet(config, self.store, registry, workers=workers)
        self.recorder = Recorder(config, registry)
        self.usage = Accounting(config, registry)
        self.tenancy = Tenancy(config, observer, self.store, registry)
        self._concerns: tuple[Concern, ...] = (
            self.tenancy,
            self.usage,
            AnswerCache(self.store, registry),
            Affinity(self.store),
            self.fleet,
            self.recorder,
        )

    async def start(self) -> None:
        """Begin all."""
        for concern in self._concerns:
            await concern.start()

    async def stop(self) -> None:
        """End all; what they still write goes out before the store closes."""
        for concern in reversed(self._concerns):
            await concern.stop()
        await self.store.stop()

    def routing(self, config: Config) -> Routing:
        """What requests are judged by; ConfigError where a concern can make nothing of it."""
        first, *others = self._concerns
        others.append(first)
        made = routing(
            config,
            stages=[stage for one in self._concerns for stage in one.stages(config)],
            adjusters=[adjuster for one in others for adjuster in one.adjusters(config)],
            run=self.store.run,
            closed=config.tenants is not None,
        )
        self.recorder.follow(config, made.router.policies)
        return made
