"""Who is refused when there is no room anywhere: the least urgent first, then the greediest.

Between saturation `spill.at` and `shed.all_at` a request of usual priority is refused where its
tenant already has more than an equal share of what was admitted lately: of `n` tenants that asked,
more than 1/n. So a tenant that asks for less than its share is not refused for others' hunger, and
a tenant alone is not refused at all. From `all_at` on every request is.
"""

import math
from collections.abc import Callable
from time import monotonic
from typing import Final

from extproc.config.fleet import Fleet
from extproc.context import Context
from extproc.errors import Overloaded, Shed

_LONGEST: Final = 30
_SWEPT: Final = 1.0


class Shedding:
    """Admits requests, and remembers for whom: one for each process. A tenant that has not asked
    for a half-life is not counted.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._admitted: dict[str, float] = {}
        self._asked: dict[str, float] = {}
        self._swept_at = clock()

    def admit(self, config: Fleet, context: Context, *, load: float, wait: float) -> None:
        """Count a request in; Shed or Overloaded where it must come again later.

        `load` is the saturation of the least saturated tier that it may use, as far as is known;
        `wait` the seconds after which there may be room.
        """
        now = self._clock()
        if now - self._swept_at >= _SWEPT:
            self._sweep(now, config.shed.half_life_seconds)
        self._asked[context.tenant] = now
        mine = self._admitted.setdefault(context.tenant, 0.0)
        if load >= config.spill.at:
            later = {"retry-after": str(min(max(math.ceil(wait), 1), _LONGEST))}
            if load >= config.shed.all_at:
                raise Overloaded("All tiers are overloaded.", headers=later)
            if context.priority < 0:
                raise Shed("All tiers are busy, and this request may wait.", headers=later)
            if mine > sum(self._admitted.values()) / len(self._admitted):
                raise Shed("All tiers are busy, and others got less.", headers=later)
        self._admitted[context.tenant] = mine + 1

    def _sweep(self, now: float, half_life: float) -> None:
        kept = 0.5 ** ((now - self._swept_at) / half_life)
        self._swept_at = now
        self._asked = {one: at for one, at in self._asked.items() if now - at <= half_life}
        self._admitted = {one: self._admitted[one] * kept for one in self._asked}
