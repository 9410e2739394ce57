"""Streams of a gateway with stages: what is awaited, refused, answered and watched."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from builders import RecordingObserver, body, chat, config, headers
from envoy.service.ext_proc.v3 import external_processor_pb2 as envoy
from msgspec.structs import replace
from playbook import go_on, immediate, steered
from state_builders import count
from typing_extensions import override

from extproc._pb import ext_proc_pb2 as pb
from extproc.decision import Reason
from extproc.errors import UnknownPath
from extproc.exchange import Answer, Exchange
from extproc.processor import Reply, StreamProcessor
from extproc.routing import routing
from extproc.stages import Stage
from extproc.state import Call, Result

FIXED = {"reason": "fixed", "policy": "fixed"}


class Playing:
    """A stream whose effects are awaited as a transport does."""

    def __init__(self, *stages: Stage, closed: bool = False) -> None:
        self.observer = RecordingObserver()
        self.calls: list[Call] = []
        made = routing(config(), stages=stages, run=self._run, closed=closed)
        self.processor = StreamProcessor(made, self.observer)

    def play(self, *messages: pb.ProcessingRequest) -> list[Any]:
        """The answers, as Envoy reads their bytes."""
        return [self._settled(self.processor.handle(message)) for message in messages]

    def reasons(self) -> list[str]:
        """The reasons that were told, in order."""
        return [outcome.reason.value for outcome in self.observer.outcomes]

    def _settled(self, reply: Reply) -> Any:  # noqa: ANN401 - the published messages have no types
        while callable(reply):
            reply = self.processor.resume(asyncio.run(_awaited(reply)))
        return reply and envoy.ProcessingResponse.FromString(reply)

    async def _run(self, calls: Sequence[Call]) -> Sequence[Result]:
        self.calls.extend(calls)
        return [7 for _ in calls]


async def _awaited(effect: Any) -> Any:  # noqa: ANN401 - as above
    return await effect()


class Asking(Stage):
    """Asks once and writes all that a stage may."""

    @override
    def asks(self, exchange: Exchange) -> Sequence[Call]:
        """Its own calls."""
        return [count("a")]

    @override
    def told(self, exchange: Exchange, results: Sequence[Result]) -> None:
        """Keep what came."""
        exchange.facts["told"] = str(results[0])

    @override
    def decided(self, exchange: Exchange) -> None:
        """Write all that may be written."""
        assert exchange.decision is not None
        exchange.upstream["x-tier"] = exchange.decision.tier
        exchange.removed.append("authorization")


class Refusing(Stage):
    """Refuses at the headers, or once it is told."""

    def __init__(self, *, early: bool, error: Exception | None = None) -> None:
        self._early = early
        self._error = error or UnknownPath("no")

    @override
    def arrived(self, exchange: Exchange) -> None:
        """At the headers, where it is early."""
        exchange.facts["tenant"] = "acme"
        if self._early:
            raise self._error

    @override
    def told(self, exchange: Exchange, results: Sequence[Result]) -> None:
        """Once it is told."""
        raise self._error


class Answering(Stage):
    """Has an answer of its own."""

    @override
    def told(self, exchange: Exchange, results: Sequence[Result]) -> None:
        """Its own answer."""
        exchange.answer = Answer(
            reason=Reason.RULE, body=b'"cached"', headers={"content-type": "text/plain"}
        )


class Watching(Stage):
    """Sets a watcher that counts bytes, and itself keeps what it saw."""

    watches = True

    def __init__(self, *, curious: bool = True, fails: bool = False) -> None:
        self.began_with: list[tuple[int, str]] = []
        self.pieces: list[tuple[bytes, bool]] = []
        self.ends = 0
        self._curious = curious
        self._fails = fails

    @override
    def decided(self, exchange: Exchange) -> None:
        """Look at the response."""
        exchange.watchers.append(self)

    def began(self, status: int, headers: Mapping[str, str]) -> bool:
        """Keep it."""
        self.began_with.append((status, headers["content-type"]))
        return self._curious

    def came(self, piece: bytes, *, last: bool) -> Mapping[str, float]:
        """Keep it; at the end, how much there was."""
        if self._fails:
            raise ValueError("a bug")
        self.pieces.append((piece, last))
        return {"bytes": float(sum(len(one) for one, _ in self.pieces))} if last else {}

    def ended(self) -> None:
        """Count it."""
        self.ends += 1


def response(status: str = "200", *, end_of_stream: bool = False) -> pb.ProcessingRequest:
    """Envoy's word of a response's headers."""
    named = {":status": status, "content-type": "application/json"}
    pairs = (pb.HeaderValue(key=key, raw_value=value.encode()) for key, value in named.items())
    received = pb.HttpHeaders(headers=pb.HeaderMap(headers=pairs), end_of_stream=end_of_stream)
    return pb.ProcessingRequest(response_headers=received)


def piece(content: bytes, *, last: bool) -> pb.ProcessingRequest:
    """Envoy's word of a part of a response's body."""
    return pb.ProcessingRequest(response_body=pb.HttpBody(body=content, end_of_stream=last))


def test_what_a_stage_writes_is_said() -> None:
    """Facts beside the decision's, headers for the tier, and those that it must not see."""
    playing = Playing(Asking())
    _, said = playing.play(headers(), body(chat()))
    mutation = said.request_body.response.header_mutation

    assert ["a"] == [call.keys[0] for call in playing.calls]
    assert {"tier": "reasoning", "model": "auto", "told": "7", **FIXED} == dict(
        said.dynamic_metadata["tiergate"]
    )
    assert ["x-tiergate-tier", "x-tier"] == [one.header.key for one in mutation.set_headers]
    assert ["authorization"] == list(mutation.remove_headers)
    assert (["fixed"], True) == (playing.reasons(), playing.processor.done)


@pytest.mark.parametrize("early", [True, False], ids=["headers", "body"])
def test_a_stage_may_refuse(early: bool) -> None:
    """With its facts, so that the refusal is somebody's."""
    playing = Playing(Refusing(early=early))
    said = playing.play(headers(), *([] if early else [body(chat())]))[-1]

    assert 404 == said.immediate_response.status.code
    assert "acme" == said.dynamic_metadata["tiergate"]["tenant"]
    assert ["path_not_found"] == playing.reasons()


def test_each_part_of_a_decision_is_timed() -> None:
    """Together they take what the whole did, but for the answer's own making."""
    playing = Playing(Asking())
    playing.play(headers(), body(chat()))
    (outcome,) = playing.observer.outcomes

    assert ["read", "state", "decide"] == list(outcome.stages)
    assert 0.0 < sum(outcome.stages.values()) <= outcome.seconds


def test_a_stage_may_answer() -> None:
    """No tier is asked."""
    playing = Playing(Answering())
    _, said = playing.play(headers(), body(chat()))
    expected = immediate(200, "rule", "cached")
    (kind, *_) = expected.immediate_response.headers.set_headers
    kind.header.raw_value = b"text/plain"

    assert expected == said
    assert (["rule"], True) == (playing.reasons(), playing.processor.done)


@pytest.mark.parametrize(
    ("early", "status"), [(True, None), (False, None)], ids=["headers", "body"]
)
def test_a_stages_bug_does_not_fail_the_request(early: bool, status: None) -> None:
    """The default tier answers."""
    playing = Playing(Refusing(early=early, error=ValueError("a bug")))
    said = playing.play(headers(), body(chat()))
    steps = [one.WhichOneof("response") for one in said]

    assert (["request_headers", "request_body"], status) == (steps, None)
    assert ("fast", "router_failed") == (
        said[-1].dynamic_metadata["tiergate"]["tier"],
        said[-1].dynamic_metadata["tiergate"]["reason"],
    )


@pytest.mark.parametrize("early", [True, False], ids=["headers", "body"])
def test_where_requests_must_be_checked_a_bug_refuses_them(early: bool) -> None:
    """503, and the bug is told."""
    playing = Playing(Refusing(early=early, error=ValueError("a bug")), closed=True)
    said = playing.play(headers(), *([] if early else [body(chat())]))[-1]

    assert 503 == said.immediate_response.status.code
    assert ["ValueError"] == [type(error).__name__ for error in playing.observer.errors]
    assert ["router_failed"] == playing.reasons()


class Confining(Refusing):
    """Finds a tenant that may use the reasoning tier alone, and then breaks."""

    @override
    def arrived(self, exchange: Exchange) -> None:
        """Leave one tier."""
        tiers = frozenset({"reasoning"})
        exchange.context = replace(exchange.context, tiers=tiers)


def test_a_bug_does_not_open_another_tier() -> None:
    """The default tier may not be the tenant's: it is refused, although it was checked."""
    playing = Playing(Confining(early=False, error=ValueError("a bug")))
    said = playing.play(headers(), body(chat()))[-1]

    assert 503 == said.immediate_response.status.code
    assert ["ValueError"] == [type(error).__name__ for error in playing.observer.errors]


def test_a_response_is_shown_to_its_watcher() -> None:
    """Envoy is told before the body comes; nothing of the response changes."""
    watching = Watching()
    playing = Playing(watching)
    said = playing.play(
        headers(), body(chat()), response(), piece(b"12", last=False), piece(b"3", last=True)
    )

    assert (2, 2, 0) == (  # SEND, BUFFERED, NONE
        said[0].mode_override.response_header_mode + 1,
        said[0].mode_override.request_body_mode,
        said[0].mode_override.response_body_mode,
    )
    assert 1 == said[2].mode_override.response_body_mode  # STREAMED
    assert {} == dict(said[3].dynamic_metadata)
    assert {"bytes": 3.0} == dict(said[4].dynamic_metadata["tiergate.usage"])
    assert ([(200, "application/json")], [(b"12", False), (b"3", True)], 1) == (
        watching.began_with,
        watching.pieces,
        watching.ends,
    )
    assert playing.processor.done


@pytest.mark.parametrize(
    ("curious", "end_of_stream"), [(False, False), (True, True)], ids=["not wanted", "no body"]
)
def test_a_response_that_nobody_wants_is_let_go(curious: bool, end_of_stream: bool) -> None:
    """The stream ends with the headers."""
    watching = Watching(curious=curious)
    playing = Playing(watching)
    said = playing.play(headers(), body(chat()), response(end_of_stream=end_of_stream))

    assert go_on("response_headers") == said[-1]
    assert (1, True) == (watching.ends, playing.processor.done)


def test_a_watchers_bug_lets_the_response_pass() -> None:
    """It is told, and the rest is not shown."""
    watching = Watching(fails=True)
    playing = Playing(watching)
    said = playing.play(headers(), body(chat()), response(), piece(b"12", last=False))

    assert go_on("response_body") == said[-1]
    assert (1, 1, True) == (watching.ends, len(playing.observer.errors), playing.processor.done)


def test_a_stream_that_ends_early_ends_its_watchers_once() -> None:
    """As where the client has gone."""
    watching = Watching()
    playing = Playing(watching)
    playing.play(headers(), body(chat()), response())
    playing.processor.close()
    playing.processor.close()

    assert (1, True) == (watching.ends, playing.processor.done)


class Breaking(Stage):
    """Breaks once there is a decision."""

    @override
    def decided(self, exchange: Exchange) -> None:
        """Fail after the decision."""
        raise ValueError("a bug")


def test_a_bug_after_the_decision_ends_what_was_to_be_watched() -> None:
    """Whoever waits for what a watcher sees must hear that it sees nothing."""
    watching = Watching()
    playing = Playing(watching, Breaking())
    said = playing.play(headers(), body(chat()))[-1]

    assert "router_failed" == said.dynamic_metadata["tiergate"]["reason"]
    assert (1, True) == (watching.ends, playing.processor.done)


def test_a_stream_that_ends_while_it_waits_is_over() -> None:
    """What it waited for is not needed any more."""
    playing = Playing(Asking())
    playing.processor.handle(headers())
    effect = playing.processor.handle(body(chat()))
    playing.processor.close()

    assert callable(effect)
    assert ([], True) == (playing.reasons(), playing.processor.done)


class Leaving(Asking):
    """Keeps what it is told of streams that nobody waits for."""

    def __init__(self) -> None:
        self.facts: list[Mapping[str, str]] = []

    @override
    def left(self, exchange: Exchange) -> None:
        """Count it."""
        self.facts.append(dict(exchange.facts))


def test_a_stream_that_ends_before_its_reply_is_told_to_the_stages() -> None:
    """Once; what they were told travels with a reply alone, and here is none."""
    leaving = Leaving()
    playing = Playing(leaving)
    playing.processor.handle(headers())
    playing.processor.handle(body(chat()))
    playing.processor.close()
    playing.processor.close()

    assert [{}] == leaving.facts


@pytest.mark.parametrize(
    "others",
    [[], [Watching()], [Answering()], [Refusing(early=False)], [Breaking()]],
    ids=["decided", "watched", "answered", "refused", "broken"],
)
def test_a_stream_that_has_its_reply_is_not_told_of(others: list[Stage]) -> None:
    """Whatever the reply; Envoy tells of it when it ends."""
    leaving = Leaving()
    playing = Playing(leaving, *others)
    playing.play(headers(), body(chat()))
    playing.processor.close()

    assert [] == leaving.facts


def test_nothing_is_resumed_that_was_not_begun() -> None:
    """A transport's bug goes to the default tier."""
    playing = Playing()
    reply = playing.processor.resume(())

    assert isinstance(reply, bytes)
    assert steered("fast", reason="router_failed", model="") == (
        envoy.ProcessingResponse.FromString(reply)
    )
