"""How fast a tier works, learnt from its own counters."""

import math
from typing import Final

from extproc.fleet.exposition import Reading

MEMORY: Final = 60.0
"""Seconds after which what was learnt counts for 1/e."""


_NARROW: Final = 0.1
"""Prompts whose lengths differ by less than this part of their mean show no slope."""


class Ratio:
    """A sum over a sum, both of which fade: of what happened lately, how much of one for each of
    the other.
    """

    __slots__ = ("_above", "_below")

    def __init__(self) -> None:
        self._above = 0.0
        self._below = 0.0

    def add(self, above: float, below: float, *, seconds: float) -> None:
        """Both parts, `seconds` after those before."""
        kept = math.exp(-seconds / MEMORY)
        self._above = self._above * kept + above
        self._below = self._below * kept + below

    @property
    def value(self) -> float | None:
        """None where nothing is known yet."""
        return self._above / self._below if self._below > 0 else None


class Line:
    """Seconds by tokens: the straight line with the least squares through what was seen, each
    sight weighted by its requests, and fading like a `Ratio`. Neither its slope nor its beginning
    is below 0.
    """

    __slots__ = ("_n", "_x", "_xx", "_xy", "_y")

    def __init__(self) -> None:
        self._n = self._x = self._y = self._xx = self._xy = 0.0

    def add(self, x: float, y: float, weight: float, *, seconds: float) -> None:
        """The means of `weight` requests, `seconds` after those before."""
        kept = math.exp(-seconds / MEMORY)
        self._n = self._n * kept + weight
        self._x = self._x * kept + weight * x
        self._y = self._y * kept + weight * y
        self._xx = self._xx * kept + weight * x * x
        self._xy = self._xy * kept + weight * x * y

    def at(self, x: float) -> float | None:
        """None where nothing was seen. Where all was seen at nearly one place: what it took there,
        and in proportion beyond it.
        """
        if not self._n:
            return None
        mean_x, mean_y = self._x / self._n, self._y / self._n
        spread = self._xx / self._n - mean_x**2
        if spread <= (_NARROW * mean_x) ** 2:
            return mean_y * max(1.0, x / mean_x) if mean_x else mean_y
        slope = max((self._xy / self._n - mean_x * mean_y) / spread, 0.0)
        slope = min(slope, mean_y / mean_x)  # steeper, the line would begin below 0
        return mean_y + slope * (x - mean_x)


class Rates:
    """`prefill`: tokens of prompt that one request gets through in a second; `starts`: requests
    that a replica with a queue begins to answer in a second.
    """

    __slots__ = ("_fresh", "_line", "_prefill", "_starts")

    def __init__(self) -> None:
        self._fresh = Ratio()
        self._line = Line()
        self._prefill = Ratio()
        self._starts = Ratio()

    def learn(self, before: Reading, now: Reading, seconds: float, *, since: float = 0.0) -> None:
        """What a replica did in the `seconds` between its scrapes, `since` any was learnt from."""
        computed = grown(before.computed, now.computed)
        took = grown(before.prefill_seconds, now.prefill_seconds)
        self._prefill.add(computed, took, seconds=since)
        self._fresh.add(computed, grown(before.prompt, now.prompt), seconds=since)
        requests = grown(before.prefilled, now.prefilled)
        if requests:
            self._line.add(computed / requests, took / requests, requests, seconds=since)
        if before.waiting and now.waiting:  # else it was the clients who were slow
            self._starts.add(grown(before.started, now.started), seconds, seconds=since)

    @property
    def prefill(self) -> float | None:
        """None, or above 0."""
        return self._prefill.value or None

    @property
    def starts(self) -> float | None:
        """None, or above 0."""
        return self._starts.value or None

    def first_token(self, *, waiting: float, tokens: float) -> float | None:
        """Seconds to the first token of a prompt of `tokens` behind `waiting` others of a replica;
        None where it cannot be told yet.

        The queue moves by `starts`. Where no queue was seen so far, those who wait are taken to
        have prompts of the same length. As much of every prompt is taken to be in the prefix cache
        as was of all lately.
        """
        fresh = self._fresh.value
        own = self._line.at(tokens if fresh is None else tokens * min(fresh, 1.0))
        if own is None:
            return None
        return own + waiting * (own if self.starts is None else 1 / self.starts)


def grown(before: float, now: float) -> float:
    """What a counter has counted; one that fell was started again from 0."""
    return now - before if now >= before else now
