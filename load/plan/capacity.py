"""What a tier bears: the rate of so many replicas, and the replicas that a rate needs."""

from dataclasses import dataclass

from extproc.engines.sim.sequence import Sequence
from extproc.engines.sim.settings import Settings
from load.plan.traffic import Kind, arrivals
from load.plan.virtual import first_tokens, spread

HOURS_A_MONTH = 730
"""As AWS counts: 8,760 hours a year."""
_STEPS = 10
_ALONE = 0.01
"""A rate, each second, at which requests hardly ever meet."""
_MANY = 50
"""Requests that show what one by itself takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One tier under its share of the traffic, and what is promised of it.

    At least the share `quantile` of all first tokens must come within `limit` seconds of the
    request, of which the gateway takes `gateway` seconds. `seconds` of traffic are simulated.
    """

    name: str
    kind: Kind
    settings: Settings
    limit: float
    quantile: float = 0.95
    gateway: float = 0.001
    seconds: float = 600.0
    seed: int = 1

    def first_token(self, rate: float, replicas: int) -> float:
        """Seconds within which the promised share of first tokens comes, at so many requests a
        second for this tier.
        """
        shares = spread(self._arriving(rate, self.seconds), replicas, self.seed)
        found = sorted(late for share in shares for late in first_tokens(self.settings, share))
        if not found:
            return self.gateway
        return self.gateway + found[len(found) - 1 - self._excused(len(found))]

    def keeps(self, rate: float, replicas: int, seconds: float | None = None) -> bool:
        """Whether the promise holds; known as soon as too many tokens have been late."""
        arriving = self._arriving(rate, seconds or self.seconds)
        excused = self._excused(len(arriving))
        for share in spread(arriving, replicas, self.seed):
            for waited in first_tokens(self.settings, share):
                excused -= self.gateway + waited > self.limit
                if excused < 0:
                    return False
        return True

    def _excused(self, requests: int) -> int:
        """How many of so many may be late."""
        return int(requests * (1 - self.quantile))

    def _arriving(self, rate: float, seconds: float) -> list[Sequence]:
        context = self.settings.max_model_len
        return list(
            arrivals(self.kind, rate=rate, seconds=seconds, context=context, seed=self.seed)
        )

    def most(self, replicas: int) -> float:
        """The highest rate at which it holds, by halving; 0 where it holds at none."""
        low, high = 0.0, 0.25 * replicas
        while self.keeps(high, replicas):
            low, high = high, 2 * high
        for _ in range(_STEPS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.keeps(middle, replicas) else (low, middle)
        return low

    def least(self, rate: float) -> int:
        """The fewest replicas with which it holds; ValueError where no number does, as where a
        request is too slow for the limit even if it has a replica to itself.
        """
        if not self.keeps(_ALONE, 1, seconds=_MANY / _ALONE):
            raise ValueError(f"{self.name}: such requests are too slow for any number of replicas")
        replicas = 1
        while not self.keeps(rate, replicas):
            replicas += 1
        return replicas


def monthly(replicas: int, hourly: float) -> float:
    """What so many machines cost a month, at a price an hour."""
    return replicas * hourly * HOURS_A_MONTH
