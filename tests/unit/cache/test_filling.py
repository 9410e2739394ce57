"""Which responses are kept."""

from typing import Any

import pytest
from builders import decision
from cache_builders import Process, asked, completion, events, respond
from msgspec.structs import replace

from extproc.cache.answer import Entry
from extproc.cache.filling import Filling
from extproc.decision import Decision, Reason
from extproc.exchange import Exchange
from extproc.request import Api

WHOLE = completion()
STREAM = events({"choices": [{"index": 0, "finish_reason": "stop"}]})


class Watched:
    """A filling and what it said."""

    def __init__(self, *, stream: bool = False, limit: int = 10_000) -> None:
        body = b'{"model":"auto","temperature":0,"messages":[{"role":"user","content":"a"}]}'
        if stream:
            body = body[:-1] + b',"stream":true}'
        self.exchange = Exchange(headers={}, api=Api.CHAT)
        self.said: list[tuple[Entry | None, str]] = []
        self.exchange.watchers.append(
            Filling(
                self.exchange,
                asked(body),
                limit=limit,
                clock=lambda: 7.0,
                done=lambda entry, result: self.said.append((entry, result)),
            )
        )

    def respond(self, *pieces: bytes, made: Decision | None = None, **more: Any) -> str:  # noqa: ANN401
        """What came of a response."""
        respond(self.exchange, made or decision(), *pieces, **more)
        ((entry, result),) = self.said
        assert (entry is not None) == (result == "stored")
        return result


def test_a_whole_answer_is_kept() -> None:
    """With its type as it was, when, and by whom."""
    watched = Watched()
    kind = "application/json; charset=utf-8"

    assert "stored" == watched.respond(WHOLE[:9], WHOLE[9:], content_type=kind)
    kept = watched.said[0][0]
    assert kept is not None
    assert (7.0, kind, "fast") == (kept.stored, kept.content_type, kept.tier)


def test_a_whole_stream_is_kept() -> None:
    """In as many pieces as it came."""
    pieces = [STREAM[at : at + 7] for at in range(0, len(STREAM), 7)]

    assert "stored" == Watched(stream=True).respond(*pieces, content_type="text/event-stream")


@pytest.mark.parametrize(
    ("more", "result"),
    [
        ({"status": 500}, "status"),
        ({"status": 206}, "status"),
        ({"content_type": "text/html"}, "type"),
        ({"content_type": "text/event-stream"}, "type"),
        ({"content_encoding": "gzip"}, "encoding"),
        ({"content_encoding": "identity"}, "stored"),
        ({"content_length": "10001"}, "oversize"),
        ({"content_length": "10000"}, "stored"),
        ({"content_length": "many"}, "stored"),
        ({"x_tiergate_served_by": "reasoning"}, "stand_in"),
    ],
    ids=str,
)
def test_what_its_headers_tell(more: dict[str, Any], result: str) -> None:
    """Before a byte of the body is shown."""
    assert result == Watched().respond(WHOLE, **more)


@pytest.mark.parametrize(
    ("made", "result"),
    [
        (decision(reason=Reason.RULE), "stored"),
        (decision(reason=Reason.AFFINITY_KEPT), "decision"),
        (decision(reason=Reason.POLICY_FAILED), "decision"),
        (decision(reason=Reason.FIXED, failure=ValueError("a bug")), "decision"),
    ],
    ids=["own", "of a conversation", "fallback", "failed"],
)
def test_what_others_would_not_get_is_not_kept(made: Decision, result: str) -> None:
    """The tier must be the one that whoever asks the same is sent to."""
    assert result == Watched().respond(WHOLE, made=made)


def test_what_an_experiments_policy_chose_is_not_kept() -> None:
    """Another session asks the same, and is not in its arm."""
    watched = Watched()
    watched.exchange.context = replace(watched.exchange.context, policy="candidate")

    assert "decision" == watched.respond(WHOLE)


def test_without_a_decision_nothing_is_kept() -> None:
    """The default tier answered, and nobody knows why."""
    watched = Watched()
    (filling,) = watched.exchange.watchers

    assert filling.began(200, {}) is False
    assert [(None, "decision")] == watched.said


def test_an_answer_that_grows_too_large_is_let_go() -> None:
    """As soon as it is; what comes then is not looked at."""
    assert "oversize" == Watched(limit=100).respond(WHOLE[:99], WHOLE[99:150], WHOLE[150:])


def test_an_answer_that_is_not_whole_is_not_kept() -> None:
    """It ended, and was no answer."""
    assert "not_whole" == Watched().respond(completion(finish="length"))


def test_an_answer_that_breaks_off_is_not_kept() -> None:
    """The tier or the client has gone."""
    watched = Watched()
    watched.exchange.decision = decision()
    (filling,) = watched.exchange.watchers
    headers = {"content-type": "application/json", "x-tiergate-served-by": "fast"}
    assert filling.began(200, headers)
    assert {} == filling.came(WHOLE, last=False)
    filling.ended()
    filling.ended()

    assert [(None, "cut_short")] == watched.said


async def test_a_process_counts_what_came_of_answers() -> None:
    """By the same words."""
    process = Process()
    respond(await process.look(process.exchange()), decision(), WHOLE)
    respond(await process.look(process.exchange()), decision())
    process.close()

    assert 1.0 == process.count("tiergate_cache_answers", "stored")
