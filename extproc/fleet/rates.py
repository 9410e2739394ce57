"""How fast a tier works, learnt from its own counters."""

import math
from typing import Final

from extproc.fleet.exposition import Reading

MEMORY: Final = 60.0
"""Seconds after which what was learnt counts for 1/e."""


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


class Rates:
    """`prefill`: tokens of prompt that one request gets through in a second; `starts`: requests
    that a replica with a queue begins to answer in a second.
    """

    __slots__ = ("_prefill", "_starts")

    def __init__(self) -> None:
        self._prefill = Ratio()
        self._starts = Ratio()

    def learn(self, before: Reading, now: Reading, seconds: float) -> None:
        """What one replica did in the `seconds` between two scrapes."""
        computed = grown(before.computed, now.computed)
        took = grown(before.prefill_seconds, now.prefill_seconds)
        self._prefill.add(computed, took, seconds=seconds)
        if before.waiting and now.waiting:  # else it was the clients who were slow
            self._starts.add(grown(before.started, now.started), seconds, seconds=seconds)

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
        have prompts of the same length.
        """
        if self.prefill is None:
            return None
        own = tokens / self.prefill
        return own + waiting * (own if self.starts is None else 1 / self.starts)


def grown(before: float, now: float) -> float:
    """What a counter has counted; one that fell was started again from 0."""
    return now - before if now >= before else now
