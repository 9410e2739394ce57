"""Requests that go to a tier."""

import json
from typing import Any

import pytest
from builders import REASONING_MODEL, body, chat, config, headers, tiers
from hypothesis import given, settings, strategies as st
from playbook import Playbook, go_on, steered

from extproc._pb import ext_proc_pb2 as pb
from extproc.config import Config

FIXED: dict[str, Any] = {"reason": "fixed", "policy": "fixed", "coverage": "1.00"}
JUDGED = config(
    policy={
        "threshold": {
            "at": 0.5,
            "above": "reasoning",
            "below": "fast",
            "weights": {"code": {"weight": 0.25}, "mathematics": {"weight": 0.5}},
        }
    }
)


def pieces(content: bytes, *sizes: int) -> list[pb.ProcessingRequest]:
    """The body in pieces of `sizes`, and the rest of it."""
    cut, messages = 0, []
    for size in sizes:
        messages.append(body(content[cut : cut + size], end_of_stream=False))
        cut += size
    return [*messages, body(content[cut:])]


def test_headers_then_body() -> None:
    """The headers go on as they are; the body's answer names the tier and says why."""
    book = Playbook()

    assert [go_on("request_headers"), steered("reasoning", **FIXED)] == book.play(
        headers(), body(chat())
    )
    assert ["fixed"] == book.reasons()
    assert book.processor.done


def test_the_observer_is_told_once_with_the_requests_id() -> None:
    """The outcome joins with Envoy's access log by that id."""
    book = Playbook()
    book.play(headers(more={"x-request-id": "r-9"}), body(chat()))

    (outcome,) = book.observer.outcomes

    assert ("r-9", "reasoning") == (outcome.request_id, outcome.decision and outcome.decision.tier)
    assert 0.0 < outcome.seconds < 5.0


def test_a_body_in_chunks_is_answered_at_its_end() -> None:
    """Each piece goes on; the last one's answer is that of the whole."""
    play = Playbook().play(headers(), *pieces(chat(), 3, 0, 10))

    assert [
        go_on("request_headers"),
        go_on("request_body"),
        go_on("request_body"),
        go_on("request_body"),
        steered("reasoning", **FIXED),
    ] == play


def first(mode: pb.BodySendMode) -> pb.ProcessingRequest:
    """The first message of a stream, with what Envoy tells there of its mode."""
    message = headers()
    message.protocol_config.request_body_mode = mode
    return message


def test_a_buffered_body_is_whole_where_trailers_follow() -> None:
    """Envoy does not end the stream with it then, and asks nothing more."""
    trailed = body(chat(), end_of_stream=False)

    assert steered("reasoning", **FIXED) == Playbook().play(first(pb.BUFFERED), trailed)[-1]


def test_a_streamed_body_ends_with_its_stream() -> None:
    """An Envoy with another mode sends pieces, and says so."""
    play = Playbook().play(first(pb.STREAMED), *pieces(chat(), 5))

    assert [go_on("request_body"), steered("reasoning", **FIXED)] == play[1:]


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["hello", "```x```", "12 * 7 = ?", "é ```x``` 1+1", "\x00"]),
    st.lists(st.integers(0, 40), max_size=5),
)
def test_chunking_never_changes_the_decision(text: str, sizes: list[int]) -> None:
    """Cuts inside of characters, keys and numbers included."""
    whole = Playbook(JUDGED).play(headers(), body(chat(text)))
    cut = Playbook(JUDGED).play(headers(), *pieces(chat(text), *sizes))

    assert whole[-1] == cut[-1]


def test_a_score_is_told() -> None:
    """Tier, reason, score, policy and coverage are metadata of the request."""
    play = Playbook(JUDGED).play(headers(), body(chat("12 * 7 = ?")))

    assert (
        steered(
            "reasoning", reason="score_above", policy="threshold", score="0.500", coverage="1.00"
        )
        == play[-1]
    )


def test_a_tiers_own_model_is_pinned() -> None:
    """No signal is asked, and no other tier may stand in."""
    play = Playbook(JUDGED).play(headers(), body(chat(model=REASONING_MODEL)))

    assert (
        steered("reasoning", pinned=True, reason="requested_model", model=REASONING_MODEL)
        == play[-1]
    )


def test_the_clients_wish_comes_in_a_header() -> None:
    """The wish chooses the tier; the header itself goes on."""
    wish = headers(more={"x-tiergate-prefer": "fast"})

    assert steered("fast", reason="client_preference") == Playbook().play(wish, body(chat()))[-1]


def test_a_forged_verdict_is_not_read() -> None:
    """Envoy strips it; the router would not look at it either."""
    forged = headers(more={"x-tiergate-tier": "fast", "x-tiergate-pinned": "true"})

    assert steered("reasoning", **FIXED) == Playbook().play(forged, body(chat()))[-1]


@pytest.mark.parametrize(
    ("made", "pinned", "changes"),
    [
        (config(tiers=tiers(serves_aliases=False)), True, {"model": REASONING_MODEL}),
        (
            config(tiers=tiers(chat_template_kwargs={"enable_thinking": True})),
            False,
            {"chat_template_kwargs": {"enable_thinking": True}},
        ),
    ],
    ids=["without-the-aliases", "template-arguments"],
)
def test_a_changed_body_comes_with_its_length(
    made: Config, pinned: bool, changes: dict[str, Any]
) -> None:
    """What the tier needs is in the body, and `content-length` is that body's."""
    sent = chat("naïve")
    (reply,) = Playbook(made).play(headers(), body(sent))[1:]

    changed = reply.request_body.response.body_mutation.body
    assert {**json.loads(sent), **changes} == json.loads(changed)
    assert steered("reasoning", pinned=pinned, body=changed, **FIXED) == reply


def test_a_path_may_have_a_query() -> None:
    """Azure's clients send an API version there."""
    play = Playbook().play(headers("/v1/chat/completions?api-version=1"), body(chat()))

    assert steered("reasoning", **FIXED) == play[-1]


def test_other_apis_are_steered_as_well() -> None:
    """Every path that a tier answers is a decision."""
    sent = b'{"model":"auto","input":"hi"}'

    assert (
        steered("reasoning", **FIXED) == Playbook().play(headers("/v1/responses"), body(sent))[-1]
    )
