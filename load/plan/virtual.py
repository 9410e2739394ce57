"""Replicas in virtual time: the simulator's scheduler, and a clock that jumps from step to step.

The gateway spreads conversations over a tier's replicas by a hash, so a request's replica does not
depend on how busy any of them is: each replica can be run by itself.
"""

import random
from collections import deque
from collections.abc import Iterable, Iterator

from extproc.engines.sim.scheduler import Scheduler
from extproc.engines.sim.sequence import Sequence
from extproc.engines.sim.settings import Settings


def first_tokens(settings: Settings, arriving: Iterable[Sequence]) -> Iterator[float]:
    """Seconds from arrival to first token, of one replica's requests, in order of these tokens."""
    scheduler = Scheduler(settings)
    pending = deque(arriving)
    now = 0.0
    while pending or scheduler.running + scheduler.waiting:
        if not scheduler.running + scheduler.waiting:
            now = max(now, pending[0].arrived_at)
        while pending and pending[0].arrived_at <= now:
            scheduler.add((pending.popleft(),))
        result = scheduler.update(scheduler.schedule(now))
        yield from (token.latency for token in result.tokens if token.first)
        now = result.plan.ends_at


def spread(arriving: Iterable[Sequence], replicas: int, seed: int) -> list[list[Sequence]]:
    """The requests of each replica, assigned by chance."""
    dice = random.Random(seed)  # noqa: S311 - as a hash does, not for secrets
    shares: list[list[Sequence]] = [[] for _ in range(replicas)]
    for one in arriving:
        dice.choice(shares).append(one)
    return shares
