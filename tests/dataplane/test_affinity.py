"""Conversations through the real gateway: their tiers, their replicas, and a Redis that goes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import gateway as harness
import pytest
from affinity_builders import CALLED, RESULT, SAID, spoken
from builders import REASONING_MODEL
from calls import Reply, reached, send, verdict
from faults import MATHS, PLAIN
from gateway import Gateway
from processes import until
from redis_server import RedisServer, needs_redis
from traffic import steady

RESPONSES: Final = "/v1/responses"


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that holds conversations, with two replicas a tier."""
    folder = tmp_path_factory.mktemp("held")
    with harness.running(
        folder,
        replicas=2,
        policy=harness.POLICY,
        affinity={"header": "x-session", "idle_seconds": 3600},
        **harness.PATIENT,
    ) as running:
        yield running


def ask(gateway: Gateway, text: str, *after: object, session: str, **fields: Any) -> Reply:  # noqa: ANN401
    """One turn of a session: the user's text, and what came after it."""
    headers = [("x-session", session), *fields.pop("headers", ())]
    return send(
        gateway, spoken({"role": "user", "content": text}, *after, **fields), headers=headers
    )


def said(reply: Reply) -> tuple[str, str]:
    """Tier and reason."""
    assert 200 == reply.status, reply.body
    return reply.headers["x-tiergate-tier"], reply.headers["x-tiergate-reason"]


def test_a_conversation_goes_up_and_stays(held: Gateway) -> None:
    """Until it has paused for long."""
    turns = [said(ask(held, text, session="up")) for text in (PLAIN, MATHS, PLAIN)]

    assert [
        ("fast", "score_below"),
        ("reasoning", "affinity_raised"),
        ("reasoning", "affinity_kept"),
    ] == turns


def test_a_tool_loop_is_not_broken(held: Gateway) -> None:
    """Whatever the tools say."""
    hard = {**RESULT, "content": MATHS}
    first = said(ask(held, PLAIN, session="loop"))
    loop = [said(ask(held, PLAIN, *[CALLED, hard] * n, session="loop")) for n in (1, 2, 3)]
    after = said(
        ask(held, PLAIN, CALLED, hard, SAID, {"role": "user", "content": MATHS}, session="loop")
    )

    assert ("fast", "score_below") == first
    assert [("fast", "affinity_tool_loop")] * 3 == loop
    assert ("reasoning", "affinity_raised") == after


def test_a_named_model_answers_and_moves_nothing(held: Gateway) -> None:
    """The next turn is where the conversation was."""
    said(ask(held, PLAIN, session="pin"))
    pinned = ask(held, PLAIN, session="pin", model=REASONING_MODEL)

    assert ("reasoning", "requested_model") == said(pinned)
    assert ("fast", "score_below") == said(ask(held, PLAIN, session="pin"))


def test_a_wish_moves_the_conversation(held: Gateway) -> None:
    """The client said where it wants to be."""
    said(ask(held, PLAIN, session="wish"))
    wish = [("x-tiergate-prefer", "reasoning")]

    assert ("reasoning", "client_preference") == said(
        ask(held, PLAIN, session="wish", headers=wish)
    )
    assert ("reasoning", "affinity_kept") == said(ask(held, PLAIN, session="wish"))


def test_a_session_is_known_without_a_name(held: Gateway) -> None:
    """By its beginning and the first reply."""
    messages = [{"role": "user", "content": MATHS}, {"role": "assistant", "content": "360."}]
    first = said(send(held, spoken(messages[0])))
    second = said(send(held, spoken(*messages, {"role": "user", "content": "Thanks."})))

    assert "reasoning" == first[0] == second[0]


def respond(gateway: Gateway, text: str, **fields: Any) -> Reply:  # noqa: ANN401 - the API's
    """One turn of the Responses API."""
    body = json.dumps({"model": "auto", "input": text, **fields}).encode()
    return send(gateway, body, path=RESPONSES)


def identity(reply: Reply) -> str:
    """The id of a response."""
    content = reply.body.decode()
    at = content.index("resp_")
    return content[at : content.index('"', at)]


def replicas(gateway: Gateway, reply: Reply) -> list[int]:
    """Which replicas of any tier saw the request."""
    wanted = reply.headers["x-request-id"]
    return [
        number
        for some in gateway.tiers.values()
        for number, replica in enumerate(some)
        if any(seen["headers"].get("x-request-id") == wanted for seen in replica.seen())
    ]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_response_goes_on_where_the_one_before_it_is(held: Gateway, *, stream: bool) -> None:
    """At its tier and its replica. The simulator keeps no responses, as vLLM does not unless it is
    told to, and says 404.
    """
    first = respond(held, f"{PLAIN} {stream}", stream=stream)
    last = identity(first)
    turns = [respond(held, MATHS, stream=stream, previous_response_id=last) for _ in range(4)]
    verdicts = [verdict(turn) for turn in turns]

    assert ("fast", "score_below") == said(first)
    assert [("fast", "affinity_kept")] * 4 == [(one["tier"], one["reason"]) for one in verdicts]
    assert [replicas(held, first)] * 4 == [replicas(held, turn) for turn in turns]


def test_what_names_a_session_reaches_no_tier_as_it_is(held: Gateway) -> None:
    """The metrics and the log hold no word of it."""
    reply = ask(held, PLAIN, session="alice@example.com", user="alice@example.com")

    assert ["fast"] == [tier for tier, _ in reached(held, reply)]
    assert "alice" not in held.router.errors()


@needs_redis
@pytest.mark.timeout(120)
def test_no_request_fails_whatever_redis_does(tmp_path: Path) -> None:
    """Killed, paused and started again under load; and it is used again afterwards."""
    with (
        RedisServer(tmp_path) as redis,
        harness.running(
            tmp_path,
            policy=harness.POLICY,
            affinity={},
            cache={"when": "always", "ttl_seconds": 1},
            state={"redis": {"url": redis.url}},
            **harness.PATIENT,
        ) as gateway,
        steady(gateway, per_second=30) as traffic,
    ):
        for harm, mend in ((redis.kill, redis.start), (redis.pause, redis.resume)):
            harm()
            traffic.until_more(30)
            mend()
            until(lambda: gateway.metric("tiergate_redis_up") == 1.0, what="Redis to be used")
            traffic.until_more(15)

    assert [] == traffic.failed
