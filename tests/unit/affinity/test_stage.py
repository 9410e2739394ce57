"""What affinity asks, is told, and remembers."""

import json
from typing import Any

import pytest
from affinity_builders import AGAIN, ASKED, FIRST, SECOND, exchange
from builders import config, decision
from state_builders import RecordingListener

from extproc.affinity.remembering import remember
from extproc.affinity.stage import AffinityStage
from extproc.config import Affinity
from extproc.decision import Decision, Reason
from extproc.exchange import Exchange
from extproc.headers import AFFINITY
from extproc.request import Api, parse
from extproc.state import Store

NEVER_SAID = "Where is it warm"


class Process:
    """One process of the router: a stage and its store."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - as the config's
        self.store = Store(config().state, RecordingListener())
        self.stage = AffinityStage(Affinity(**settings), self.store)

    async def turn(self, spoken: Exchange, said: Decision) -> Exchange:
        """One turn that is decided as `said`."""
        calls = self.stage.asks(spoken)
        assert self.stage.told(spoken, await self.store.run(calls)) is None
        spoken.decision = said
        self.stage.decided(spoken)
        return spoken


def held(spoken: Exchange) -> str | None:
    """The tier that was remembered."""
    remembered = spoken.context.remembered
    return None if remembered is None else remembered.tier


async def test_a_conversation_is_remembered() -> None:
    """Its second turn is told where the first one went, and both name one replica's key."""
    process = Process()
    first = await process.turn(exchange(*FIRST), decision("reasoning"))
    second = await process.turn(exchange(*SECOND), decision())

    assert (None, "reasoning") == (held(first), held(second))
    assert first.upstream == second.upstream == {AFFINITY: first.context.session}


async def test_a_header_may_name_the_session() -> None:
    """The configured one, and no other."""
    process = Process(header="x-session")
    assert frozenset({"x-session"}) == process.stage.headers

    turns = [
        held(await process.turn(exchange(text, headers={"x-session": name}), decision()))
        for text, name in ((ASKED, "s-1"), (AGAIN, "s-1"), (AGAIN, "s-2"))
    ]
    assert [None, "fast", None] == turns


async def test_tenants_do_not_meet() -> None:
    """The same name in two tenants is two sessions."""
    process = Process()
    await process.turn(exchange(ASKED, tenant="a", user="k"), decision("reasoning"))

    assert held(await process.turn(exchange(ASKED, tenant="b", user="k"), decision())) is None
    assert "reasoning" == held(
        await process.turn(exchange(ASKED, tenant="a", user="k"), decision())
    )


async def test_a_model_that_is_asked_for_moves_nothing() -> None:
    """A side question to another model leaves the conversation where it is."""
    process = Process()
    pinned = decision("fast", Reason.REQUESTED_MODEL, pinned=True)
    await process.turn(exchange(ASKED, user="k"), decision("reasoning"))
    await process.turn(exchange(ASKED, user="k"), pinned)

    assert "reasoning" == held(await process.turn(exchange(ASKED, user="k"), decision()))


async def test_a_conversation_may_begin_with_a_model_that_is_asked_for() -> None:
    """Where nothing is known, that tier is the warm one."""
    process = Process()
    pinned = decision("reasoning", Reason.REQUESTED_MODEL, pinned=True)
    await process.turn(exchange(ASKED, user="k"), pinned)

    assert "reasoning" == held(await process.turn(exchange(ASKED, user="k"), decision()))


async def test_a_wish_moves_the_conversation() -> None:
    """The client said where it wants to go on."""
    process = Process()
    await process.turn(exchange(ASKED, user="k"), decision("fast"))
    await process.turn(exchange(ASKED, user="k"), decision("reasoning", Reason.CLIENT_PREFERENCE))

    assert "reasoning" == held(await process.turn(exchange(ASKED, user="k"), decision()))


@pytest.mark.parametrize(
    ("idle", "tier"), [(0, "reasoning"), (60_000, "fast")], ids=["younger", "older"]
)
async def test_of_two_memories_the_younger_counts(idle: int, tier: str) -> None:
    """Redis may have been away while this process decided, or another one may have decided."""
    process = Process()
    spoken = exchange(ASKED, user="k")
    (call,) = process.stage.asks(spoken)
    own = remember(call.keys[0].removeprefix("affinity:"), "fast", "own", 3600)
    process.store.memory.put(call.keys[0], (b"fast own", process.store.memory.now() - 10), 60)

    process.stage.told(spoken, [[b"reasoning shared", idle]])

    assert own.keys == call.keys
    assert tier == held(spoken)


async def test_what_redis_has_lost_this_process_still_knows() -> None:
    """It was started again, empty."""
    process = Process()
    await process.turn(exchange(ASKED, user="k"), decision("reasoning"))
    spoken = exchange(ASKED, user="k")
    process.stage.asks(spoken)

    process.stage.told(spoken, [None])

    assert "reasoning" == held(spoken)


async def test_what_has_no_session_is_left_alone() -> None:
    """No header, no look-up, nothing remembered."""
    process = Process()
    spoken = await process.turn(exchange({"role": "system", "content": "Be kind."}), decision())

    assert ({}, "", 0) == (spoken.upstream, spoken.context.session, len(process.store.memory))


async def test_nothing_is_asked_without_a_body() -> None:
    """The catalogue answers some requests by itself."""
    spoken = Exchange(headers={})
    process = Process()

    assert () == process.stage.asks(spoken)
    assert process.stage.told(spoken, ()) is None
    process.stage.decided(spoken)
    assert 0 == len(process.store.memory)


def responded(**fields: object) -> Exchange:
    """A turn of the Responses API."""
    body = json.dumps({"model": "auto", "input": "hello", **fields}).encode()
    return Exchange(headers={}, api=Api.RESPONSES, request=parse(Api.RESPONSES, body), body=body)


async def test_a_response_is_followed_by_its_id() -> None:
    """However often it changes: tier and replica stay those of the first turn. The tier is the one
    that answered.
    """
    process = Process()
    turn = await process.turn(responded(), decision("fast"))
    first = turn.context.session
    for number in range(3):
        (watcher,) = turn.watchers
        assert watcher.began(200, {"x-tiergate-served-by": "reasoning"})
        watcher.came(b'{"id": "resp_%d"' % number, last=False)
        again = responded(previous_response_id=f"resp_{number}")
        turn = await process.turn(again, decision("reasoning"))
        remembered = turn.context.remembered
        assert remembered is not None
        assert ("reasoning", True) == (remembered.tier, remembered.bound)
        assert {AFFINITY: first} == turn.upstream


async def test_responses_need_not_be_followed() -> None:
    """Then nothing is watched; nor are other APIs."""
    process = Process(responses=False)
    turn = await process.turn(responded(), decision())
    chat = await Process().turn(exchange(ASKED), decision())

    assert (False, [], []) == (process.stage.watches, turn.watchers, chat.watchers)


async def test_nothing_that_was_written_is_kept() -> None:
    """Neither in the memory's keys nor in its values, nor in what the tier is told."""
    process = Process()
    spoken = await process.turn(exchange(*FIRST, user="alice@example.com"), decision())
    kept = repr(vars(process.store.memory)) + repr(spoken.upstream) + repr(spoken.context)

    assert NEVER_SAID not in kept
    assert "alice" not in kept
    assert "b'fast " in kept
