"""Which answers are whole, and how they are given again."""

import json
from typing import Any

import pytest
from cache_builders import completion, entry, events

from extproc.cache.answer import decode, encode, prepared
from extproc.request import Api

USAGE = {"prompt_tokens": 9, "completion_tokens": 2}
MARKED = {**USAGE, "prompt_tokens_details": {"cached_tokens": 9}}
CALL = {"type": "function_call", "name": "pay"}
SAID = {"type": "message", "content": []}


def kept(api: Api, answer: object, *, tools: bool = False) -> Any:  # noqa: ANN401 - JSON
    """The answer as it is given again, or None."""
    body = prepared(api, json.dumps(answer).encode(), stream=False, tools=tools)
    return None if body is None else json.loads(body)


def streamed(api: Api, *payloads: object, done: bool = False, tools: bool = False) -> Any:  # noqa: ANN401
    """The values of the stream as it is given again, or None."""
    body = prepared(api, events(*payloads, done=done), stream=True, tools=tools)
    if body is None:
        return None
    texts = [line.removeprefix("data: ") for line in body.decode().split("\n\n") if line]
    return [text if text == "[DONE]" else json.loads(text) for text in texts]


def chunk(finish: str | None = None, index: int = 0) -> dict[str, Any]:
    """A piece of a streamed chat."""
    return {"choices": [{"index": index, "delta": {}, "finish_reason": finish}]}


def test_all_but_the_count_is_kept_byte_for_byte() -> None:
    """However it was written; the prompt's tokens are marked as cached."""
    body = b'{ "choices":[{"finish_reason":"stop" }],  "usage": {"prompt_tokens": 9}, "x": 1.50}'

    assert body.replace(
        b'{"prompt_tokens": 9}',
        b'{"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":9}}',
    ) == prepared(Api.CHAT, body, stream=False, tools=False)


def test_other_details_of_the_prompt_stay() -> None:
    """And what was cached by the tier is now cached by us."""
    usage = {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 0}}
    answer = json.loads(completion()) | {"usage": usage}

    assert {"cached_tokens": 9, "audio_tokens": 0} == kept(Api.CHAT, answer)["usage"][
        "prompt_tokens_details"
    ]


@pytest.mark.parametrize("usage", [None, {}, []], ids=str)
def test_an_answer_without_counts_stays_as_it_is(usage: object) -> None:
    """Nothing is made up."""
    answer = json.loads(completion()) | {"usage": usage}

    assert answer == kept(Api.CHAT, answer)


@pytest.mark.parametrize(
    ("finish", "tools", "whole"),
    [
        ("stop", False, True),
        ("length", False, False),
        ("content_filter", False, False),
        ("tool_calls", False, False),
        ("tool_calls", True, True),
        ("length", True, False),
    ],
)
def test_a_chat_is_whole_where_the_model_stopped(finish: str, *, tools: bool, whole: bool) -> None:
    """By itself, or with calls of tools where these may be repeated."""
    answer = json.loads(completion(finish=finish))
    pieces = (chunk(), chunk(finish))

    assert whole == (kept(Api.CHAT, answer, tools=tools) is not None)
    assert whole == (streamed(Api.CHAT, *pieces, done=True, tools=tools) is not None)


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"message": "no"}, "choices": [{"finish_reason": "stop"}]},
        {"choices": []},
        {"choices": [{"finish_reason": "stop"}, {"finish_reason": None}]},
        {"choices": [{}]},
        {"choices": 7},
        {},
        [],
    ],
    ids=str,
)
def test_what_is_no_whole_chat_is_not_kept(answer: object) -> None:
    """An error, a choice that has not ended, another shape."""
    assert kept(Api.CHAT, answer) is None


@pytest.mark.parametrize("body", [b"", b"{", b"<html>", b'{"a": 1, "a": 2}'])
def test_what_is_no_json_is_not_kept(body: bytes) -> None:
    """Nor what says a thing twice."""
    for api in (Api.CHAT, Api.EMBEDDINGS):
        assert prepared(api, body, stream=False, tools=False) is None


def test_a_field_that_stands_twice_is_not_kept() -> None:
    """Clients would differ in what they read."""
    body = b'{"choices": [{"finish_reason": "stop"}], "usage": 1, "usage": 2}'

    assert prepared(Api.CHAT, body, stream=False, tools=False) is None


def test_embeddings_are_whole_where_there_are_some() -> None:
    """They do not finish for a reason."""
    assert {"data": [1], "usage": MARKED} == kept(Api.EMBEDDINGS, {"data": [1], "usage": USAGE})
    assert kept(Api.EMBEDDINGS, {"data": []}) is None


def test_anthropics_counts_stay() -> None:
    """Its cached tokens are counted apart from the others, and the sum must stay."""
    answer = {"stop_reason": "end_turn", "usage": {"input_tokens": 9, "output_tokens": 2}}

    assert answer == kept(Api.MESSAGES, answer)
    assert kept(Api.MESSAGES, {"stop_reason": "max_tokens"}) is None


@pytest.mark.parametrize(
    ("answer", "tools", "whole"),
    [
        ({"status": "completed", "output": [SAID]}, False, True),
        ({"status": "incomplete", "output": [SAID]}, False, False),
        ({"status": "completed", "output": [SAID, CALL]}, False, False),
        ({"status": "completed", "output": [SAID, CALL]}, True, True),
    ],
)
def test_a_response_is_whole_where_it_says_so(
    answer: dict[str, Any], *, tools: bool, whole: bool
) -> None:
    """And calls no tool, unless that may be repeated."""
    last = {"type": "response.completed", "response": answer}

    assert whole == (kept(Api.RESPONSES, answer, tools=tools) is not None)
    if answer["status"] == "completed":
        assert whole == (streamed(Api.RESPONSES, last, tools=tools) is not None)


def test_a_stream_keeps_all_its_events() -> None:
    """With the last one's count marked."""
    pieces = [chunk(), chunk("stop"), {"choices": [], "usage": USAGE}]

    assert [*pieces[:2], {"choices": [], "usage": MARKED}, "[DONE]"] == streamed(
        Api.CHAT, *pieces, done=True
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        events(chunk("stop"), done=False),
        events(chunk(), chunk("stop", index=1)),
        events(),
        events(chunk("stop"))[:-1],
        events(chunk("stop"))[:-20],
        events({"error": {"message": "no"}, "choices": []}, chunk("stop")),
        events({"unknown": 1}),
        b"data: {\n\ndata: [DONE]\n\n",
    ],
    ids=lambda body: body.decode()[-40:] or "empty",
)
def test_a_stream_that_was_cut_short_is_not_kept(body: bytes) -> None:
    """Every choice must have ended, and the stream too."""
    assert prepared(Api.CHAT, body, stream=True, tools=False) is None


def test_a_stream_of_messages_ends_with_its_own_event() -> None:
    """And for a good reason."""
    stop = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}
    cut = {"type": "message_delta", "delta": {"stop_reason": "max_tokens"}}
    end = {"type": "message_stop"}

    assert [stop, end] == streamed(Api.MESSAGES, stop, end)
    for pieces in ([cut, end], [stop], [end]):
        assert streamed(Api.MESSAGES, *pieces) is None


def test_a_stream_of_a_response_is_marked_in_its_last_event() -> None:
    """The counts stand inside of the response there."""
    inner = {"output": [SAID], "usage": {"input_tokens": 9}}
    marked = {**inner, "usage": {"input_tokens": 9, "input_tokens_details": {"cached_tokens": 9}}}
    first = {"type": "response.created", "response": {"usage": None}}
    last = {"type": "response.completed", "response": inner}

    assert [first, {**last, "response": marked}] == streamed(Api.RESPONSES, first, last)
    assert streamed(Api.RESPONSES, last, first) is None


def test_entries_are_read_back() -> None:
    """And what is none is None."""
    assert entry(b"body") == decode(encode(entry(b"body")))
    assert decode(b"\xc1") is None
    assert decode(encode(["something", "else"])) is None
