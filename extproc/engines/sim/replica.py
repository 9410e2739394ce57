"""The parts of one replica that request handlers share."""

from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from extproc.engines.sim.driver import EngineDriver
from extproc.engines.sim.faults import Faults
from extproc.engines.sim.journal import Journal
from extproc.engines.sim.metrics import Metrics
from extproc.engines.sim.scheduler import Scheduler
from extproc.engines.sim.settings import Settings


@dataclass(slots=True, kw_only=True)
class Replica:
    """One engine, what can go wrong with it, and what it was asked; `ready` once it has started."""

    settings: Settings
    metrics: Metrics
    driver: EngineDriver
    faults: Faults
    journal: Journal = field(default_factory=Journal)
    ready: bool = False


REPLICA: Final = web.AppKey("replica", Replica)


def build(settings: Settings) -> Replica:
    """A replica that has not started."""
    scheduler = Scheduler(settings)
    metrics = Metrics(settings, scheduler)
    return Replica(
        settings=settings,
        metrics=metrics,
        driver=EngineDriver(scheduler, metrics),
        faults=Faults(seed=settings.seed),
    )
