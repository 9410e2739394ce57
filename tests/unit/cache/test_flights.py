"""Questions under way."""

from cache_builders import Clock, entry

from extproc.cache.flights import Flights


async def test_a_second_one_finds_the_first() -> None:
    """And gets what that gets."""
    flights = Flights(Clock())
    assert flights.ahead("a", 10) is None
    flight = flights.begin("a")
    ahead = flights.ahead("a", 10)
    assert ahead is flight

    flights.land(flight, entry())

    assert entry() == await ahead.landing
    assert flights.ahead("a", 10) is None
    assert 0 == len(flights)


async def test_one_that_takes_too_long_is_not_waited_for() -> None:
    """The next one begins in its place, and its end does not end the other's."""
    clock = Clock()
    flights = Flights(clock)
    late = flights.begin("a")
    clock.now += 10
    assert flights.ahead("a", 10) is None
    second = flights.begin("a")

    flights.land(late, None)

    assert second is flights.ahead("a", 10)


async def test_a_flight_lands_once() -> None:
    """What is said later changes nothing."""
    flights = Flights()
    flight = flights.begin("a")
    flights.land(flight, entry())
    flights.land(flight, None)

    assert entry() == await flight.landing
