"""All that a process keeps of answers: both tiers, the flights, and what was purged."""

from collections.abc import Mapping
from typing import Protocol

from extproc.cache.answer import Entry
from extproc.cache.flights import Flights
from extproc.cache.local import Local
from extproc.cache.question import Question
from extproc.cache.shared import ALL, put
from extproc.state import Store


class Likeness(Protocol):
    """Finds questions that are asked in other words; see `extproc.cache.similar`."""

    @property
    def most(self) -> int:
        """How many it remembers."""

    def add(self, question: Question) -> None:
        """One that has an answer."""

    def nearest(self, question: Question, threshold: float) -> str | None:
        """The place of the answer to the one that is most alike."""


class Answers:
    """Entries by question. `purges` says, in seconds of the wall by tenant's space, since when
    older entries do not count.
    """

    def __init__(self, local: Local, store: Store, similar: Likeness | None = None) -> None:
        self.local = local
        self.similar = similar
        self.store = store
        self.flights = Flights()
        self.purges: Mapping[str, float] = {}

    def here(self, question: Question) -> Entry | None:
        """What this process has of it."""
        return self.fitting(question, self.local.get(question.place))

    def alike(self, question: Question, threshold: float) -> Entry | None:
        """What this process has of a question that is asked in other words."""
        place = None if self.similar is None else self.similar.nearest(question, threshold)
        return None if place is None else self.fitting(question, self.local.get(place))

    def fitting(self, question: Question, entry: Entry | None) -> Entry | None:
        """The entry, unless it is older than a purge or than the client or the terms allow."""
        if entry is None:
            return None
        purged = max(self.purges.get(question.space, 0.0), self.purges.get(ALL, 0.0))
        oldest = min(question.terms.ttl_seconds, question.said.max_age or float("inf"))
        young = self.local.now() - entry.stored < oldest
        return entry if young and entry.stored > purged else None

    def keep(self, question: Question, entry: Entry) -> None:
        """Store it in both tiers."""
        seconds = question.terms.ttl_seconds
        self.local.put(question.place, entry, seconds)
        self.store.send([put(question.place, entry, seconds)])
        if self.similar is not None:
            self.similar.add(question)

    def found(self, question: Question, entry: Entry) -> None:
        """Have what the second tier knew in the first one too, for the rest of its time."""
        left = question.terms.ttl_seconds - (self.local.now() - entry.stored)
        if left > 0:
            self.local.put(question.place, entry, left)
