"""What tests say of a fleet: readings, and tiers whose clock they hold."""

from dataclasses import dataclass, field
from typing import Any

from extproc.fleet.exposition import Reading
from extproc.fleet.tier import TierLoad

IDLE = {"running": 0.0, "waiting": 0.0, "kv": 0.0}


@dataclass(slots=True)
class Clock:
    """Seconds that pass when a test says so."""

    now: float = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def reading(**fields: float) -> Reading:
    """One of an idle replica, with `fields` put in."""
    return Reading(**{**IDLE, **fields})


@dataclass(slots=True)
class Tiers:
    """The two tiers of the builders' document, each with one replica that was scraped."""

    clock: Clock = field(default_factory=Clock)
    workers: int = 1
    loads: dict[str, TierLoad] = field(init=False)

    def __post_init__(self) -> None:
        self.loads = {
            name: TierLoad(stale=5.0, workers=self.workers, clock=self.clock)
            for name in ("fast", "reasoning")
        }
        for name in self.loads:
            self.loads[name].place([name])
            self.say(name)

    def say(self, tier: str, **fields: Any) -> None:  # noqa: ANN401 - floats, or mypy sees dicts
        """What the tier's replica says of itself now."""
        self.loads[tier].read(tier, reading(**fields))

    def learn(self, tier: str, *, prefill: float = 0.0, starts: float = 0.0) -> None:
        """Have it learn these rates, by two seconds in which it had a queue; it is idle after."""
        self.say(tier, waiting=1)
        said: dict[str, float] = {}
        for requests, seconds in ((1, 1.0), (2, 4.0)) if prefill else ((0, 0.0),) * 2:
            self.clock.now += 1
            said = {
                "computed": prefill * seconds,
                "prefilled": requests,
                "prefill_seconds": seconds,
                "started": said.get("started", 0.0) + starts,
            }
            self.say(tier, waiting=1, **said)
        self.say(tier, **said)
