"""What one config makes of requests, and how stages are asked and told."""

from collections.abc import Sequence

import pytest
from builders import config
from state_builders import count
from typing_extensions import override

from extproc.decision import Reason
from extproc.exchange import Answer, Exchange
from extproc.routing import Routing, nowhere, routing
from extproc.stages import Effect, Stage
from extproc.state import Call, Result


class Asking(Stage):
    """Asks for `keys`; keeps what it was told, and then wants each of `more`, or has an answer."""

    def __init__(self, *keys: str, more: Sequence[Effect] = (), ends: bool = False) -> None:
        self.told_of: list[list[Result]] = []
        self._keys = keys
        self._more = list(more)
        self._ends = ends

    @override
    def asks(self, exchange: Exchange) -> Sequence[Call]:
        """Its own calls."""
        return [count(key) for key in self._keys]

    @override
    def told(self, exchange: Exchange, results: Sequence[Result]) -> Effect | None:
        """Keep what came."""
        self.told_of.append(list(results))
        if self._ends:
            exchange.answer = Answer(reason=Reason.FIXED, body=b"{}")
        return self._more.pop(0) if self._more else None


class Reading(Stage):
    """Reads a header, and responses."""

    headers = frozenset({"authorization"})
    watches = True


async def echo(calls: Sequence[Call]) -> Sequence[Result]:
    """The key of each call."""
    return [call.keys[0].encode() for call in calls]


async def late() -> Sequence[Result]:
    """What comes of an effect."""
    return [b"late"]


async def consulted(made: Routing) -> Exchange:
    """An exchange that the stages have seen."""
    exchange = Exchange(headers={})
    steps = made.consult(exchange)
    try:
        effect = next(steps)
        while True:
            effect = steps.send(await effect())
    except StopIteration:
        return exchange


async def test_all_stages_ask_in_one_trip() -> None:
    """Each is told what it asked for, and who asked nothing is told nothing."""
    stages = (Asking("a", "b"), Asking(), Asking("c"))
    trips: list[int] = []

    async def run(calls: Sequence[Call]) -> Sequence[Result]:
        """Count the trips."""
        trips.append(len(calls))
        return await echo(calls)

    await consulted(routing(config(), stages=stages, run=run))

    assert [3] == trips
    assert [[[b"a", b"b"]], [[]], [[b"c"]]] == [stage.told_of for stage in stages]


async def test_a_stage_may_wait_for_more() -> None:
    """It is told again, before the next stage."""
    stages = (Asking("a", more=[late, late]), Asking("b"))
    await consulted(routing(config(), stages=stages, run=echo))

    assert [[b"a"], [b"late"], [b"late"]] == stages[0].told_of
    assert [[b"b"]] == stages[1].told_of


async def test_an_answer_ends_it() -> None:
    """The stages after it are not told."""
    stages = (Asking(ends=True), Asking("b"))
    exchange = await consulted(routing(config(), stages=stages, run=echo))

    assert exchange.answer is not None
    assert [] == stages[1].told_of


def test_what_stages_read_and_watch_is_known_beforehand() -> None:
    """Besides what is always read."""
    plain, more = routing(config()), routing(config(), stages=[Stage(), Reading()])

    assert {"authorization"} == more.wanted - plain.wanted
    assert {":method", ":path", "content-length", "x-request-id", "x-tiergate-prefer"} == (
        plain.wanted
    )
    assert (False, True) == (plain.watches, more.watches)


async def test_without_a_store_nothing_can_be_asked() -> None:
    """Who forgets it learns so."""
    with pytest.raises(RuntimeError, match="1 calls"):
        await nowhere([count("a")])
