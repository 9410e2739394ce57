"""Single flight: whoever asks what another is just being answered may wait for that answer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeAlias

from extproc.cache.answer import Entry

Landing: TypeAlias = "asyncio.Future[Entry | None]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """One question under way. Its end is the entry, or None where nothing is to be had of it."""

    place: str
    began: float
    landing: Landing = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Flights:
    """The questions of this process that are under way."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._flights: dict[str, Flight] = {}

    def __len__(self) -> int:
        return len(self._flights)

    def ahead(self, place: str, seconds: float) -> Flight | None:
        """The flight that began less than `seconds` ago, if there is one."""
        flight = self._flights.get(place)
        young = flight is not None and self._clock() - flight.began < seconds
        return flight if young else None

    def begin(self, place: str) -> Flight:
        """A new flight, in place of one that takes too long."""
        flight = self._flights[place] = Flight(place=place, began=self._clock())
        return flight

    def land(self, flight: Flight, entry: Entry | None) -> None:
        """Tell those who wait; a flight lands once, and later ones change nothing."""
        if not flight.landing.done():
            flight.landing.set_result(entry)
        if self._flights.get(flight.place) is flight:
            del self._flights[flight.place]
