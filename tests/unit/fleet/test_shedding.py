"""Who is refused when there is no room."""

from collections import Counter

import pytest
from fleet_builders import Clock
from hypothesis import given, settings, strategies as st

from extproc.config.fleet import Fleet
from extproc.context import Context
from extproc.errors import Overloaded, RequestError, Shed
from extproc.fleet.shedding import Shedding

FLEET = Fleet()
ROOM, BUSY, BEYOND = 0.99, 1.0, 2.0


def admit(
    shedding: Shedding, tenant: str = "", *, load: float = BUSY, priority: int = 0, wait: float = 0
) -> RequestError | None:
    """What a request is told, or None where it goes on."""
    try:
        shedding.admit(FLEET, Context(tenant=tenant, priority=priority), load=load, wait=wait)
    except RequestError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("load", "priority", "refused"),
    [
        (ROOM, -5, None),
        (BUSY, -1, Shed),
        (BUSY, 0, None),
        (BUSY, 5, None),
        (BEYOND, 0, Overloaded),
        (BEYOND, 5, Overloaded),
    ],
)
def test_the_least_urgent_are_refused_first(
    load: float, priority: int, refused: type[RequestError] | None
) -> None:
    """Then, far beyond what the tiers can take, all."""
    error = admit(Shedding(), load=load, priority=priority)

    assert refused is (None if error is None else type(error))


@pytest.mark.parametrize(("wait", "header"), [(0.0, "1"), (1.2, "2"), (99.0, "30")])
def test_the_refused_learn_when_to_come_back(wait: float, header: str) -> None:
    """In whole seconds, when what waits now will have begun, within bounds."""
    error = admit(Shedding(), load=BEYOND, wait=wait)

    assert error is not None
    assert {"retry-after": header} == error.headers


def test_a_tenant_alone_is_not_refused() -> None:
    """It takes from nobody."""
    shedding = Shedding(Clock())

    assert [None] * 50 == [admit(shedding, "one") for _ in range(50)]


def test_whoever_has_more_than_an_equal_share_is_refused() -> None:
    """Until the others have as much, or have gone."""
    clock = Clock()
    shedding = Shedding(clock)
    for _ in range(10):
        admit(shedding, "greedy", load=ROOM)
    modest = admit(shedding, "modest")
    greedy = admit(shedding, "greedy")
    clock.now += FLEET.shed.half_life_seconds + 0.1

    assert None is modest
    assert isinstance(greedy, Shed)
    assert None is admit(shedding, "greedy")


def test_what_was_admitted_is_forgotten_by_half() -> None:
    """A tenant that had much is let in again as the others catch up."""
    clock = Clock()
    shedding = Shedding(clock)
    for _ in range(8):
        admit(shedding, "greedy", load=ROOM)
    admit(shedding, "modest", load=ROOM)
    refused = []
    for _ in range(4):
        refused.append(admit(shedding, "greedy") is not None)
        clock.now += FLEET.shed.half_life_seconds
        admit(shedding, "modest")

    assert [True, True, True, False] == refused


@settings(max_examples=30)
@given(st.lists(st.sampled_from("abc"), min_size=50, max_size=100))
def test_nobody_gets_more_than_a_share_and_one(asking: list[str]) -> None:
    """Of n tenants that ask under pressure, whoever asks more has at most one request more than a
    n-th of all; whoever was refused nothing asked for no more than that.
    """
    shedding, admitted = Shedding(Clock()), Counter(asking[:0])
    for tenant in ("a", "b", "c", *asking):
        admitted[tenant] += admit(shedding, tenant) is None

    assert max(admitted.values()) <= sum(admitted.values()) / 3 + 1
