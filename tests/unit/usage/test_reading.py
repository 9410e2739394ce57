"""Token counts in answers that come in pieces."""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, strategies as st

from extproc.usage.reading import MAX_ANSWER, MAX_EVENT, Answer, Events, Reader, counts

CHAT: dict[str, Any] = {
    "id": "x",
    "usage": {
        "prompt_tokens": 20,
        "completion_tokens": 7,
        "total_tokens": 27,
        "prompt_tokens_details": {"cached_tokens": 16},
        "completion_tokens_details": {"reasoning_tokens": 3},
    },
}
CHATS = {
    "prompt_tokens": 20,
    "completion_tokens": 7,
    "cached_tokens": 16,
    "reasoning_tokens": 3,
}
RESPONSE: dict[str, Any] = {
    "usage": {
        "input_tokens": 20,
        "output_tokens": 7,
        "input_tokens_details": {"cached_tokens": 16},
        "output_tokens_details": {"reasoning_tokens": 3},
    }
}
MESSAGE: dict[str, Any] = {
    "usage": {
        "input_tokens": 1,
        "output_tokens": 7,
        "cache_read_input_tokens": 16,
        "cache_creation_input_tokens": 3,
    }
}
MESSAGES = {
    "prompt_tokens": 1,
    "completion_tokens": 7,
    "cache_read_tokens": 16,
    "cache_created_tokens": 3,
}
START: dict[str, Any] = {"type": "message_start", "message": {"usage": {"input_tokens": 20}}}


def read(reader: Reader, pieces: Sequence[bytes]) -> Mapping[str, float]:
    """All that becomes known, the later over the earlier."""
    known: dict[str, float] = {}
    for number, piece in enumerate(pieces, 1):
        known |= reader.read(piece, last=number == len(pieces))
    return known


def events(*said: object, end: str = "\n") -> bytes:
    """A stream of events, with the comments and fields that servers add."""
    lines = [":" + end, *(f"event: e{end}data: {json.dumps(one)}{end}{end}" for one in said)]
    return ("".join(lines) + f"data: [DONE]{end}{end}").encode()


@pytest.mark.parametrize(
    ("answer", "known"),
    [(CHAT, CHATS), (RESPONSE, CHATS), (MESSAGE, MESSAGES)],
    ids=["chat", "responses", "messages"],
)
def test_an_answer_in_one_object(answer: dict[str, Any], known: dict[str, int]) -> None:
    """Each API by its own names."""
    text = json.dumps(answer).encode()

    assert known == read(Answer(), [text])
    assert known == read(Answer(), [text[:30], text[30:], b""])


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=repr)
@pytest.mark.parametrize(
    ("said", "known"),
    [
        ([{"usage": None}, {"usage": {"prompt_tokens": 20}}, CHAT], CHATS),
        ([{"response": {"usage": None}}, {"response": RESPONSE}], CHATS),
        ([START, MESSAGE], MESSAGES),
        ([START], {"prompt_tokens": 20}),
        ([{"choices": []}], {}),
    ],
    ids=["chat", "responses", "messages", "broken off", "nothing"],
)
def test_a_stream(said: list[object], known: dict[str, int], end: str) -> None:
    """The last event that says something counts."""
    assert known == read(Events(), [events(*said, end=end)])


@given(cuts=st.lists(st.integers(0, 600), max_size=12))
def test_it_does_not_matter_where_a_stream_is_cut(cuts: list[int]) -> None:
    """Not even inside of a line's end."""
    text = events({"choices": ["é"]}, START, CHAT, end="\r\n")
    at = [0, *sorted(cuts), len(text)]
    pieces = [text[start:stop] for start, stop in pairwise(at)]

    assert CHATS == read(Events(), pieces)


def test_the_data_of_an_event_may_have_several_lines() -> None:
    """They are one text."""
    assert {"prompt_tokens": 3} == read(
        Events(), [b'data: {"usage":\ndata: {"prompt_tokens": 3}}\n\n']
    )


def test_an_answer_over_the_bound_is_passed_over() -> None:
    """And not kept."""
    reader = Answer()
    text = json.dumps({**CHAT, "x": "x" * MAX_ANSWER}).encode()

    assert {} == read(reader, [text[:-10], text[-10:]])
    assert [] == reader._pieces[:-1]


@pytest.mark.parametrize("line_end", ["", "\n"], ids=["one line", "many lines"])
def test_an_event_over_the_bound_is_passed_over(line_end: str) -> None:
    """Those behind it are read."""
    huge = f"data: {line_end}".join(["x" * 100] * (MAX_EVENT // 50))
    text = b'data: {"usage": ' + huge.encode() + b"\n\n"
    reader = Events()
    pieces = [text[start : start + 1000] for start in range(0, len(text), 1000)]

    assert {} == read(reader, pieces)
    assert CHATS == read(reader, [events(CHAT)])


def test_an_event_under_the_bound_is_read_however_it_is_cut() -> None:
    """Each byte of it counts once."""
    text = events({**CHAT, "x": "x" * (MAX_EVENT - 1000)})
    pieces = [text[start : start + 100] for start in range(0, len(text), 100)]

    assert CHATS == read(Events(), pieces)


@pytest.mark.parametrize("size", [10, MAX_EVENT * 3])
def test_what_waits_is_bounded(size: int) -> None:
    """A line without an end is not kept for ever."""
    reader = Events()
    read(reader, [b"data: "] + [b"x" * 1000] * (size // 1000))

    assert len(reader._line) <= MAX_EVENT


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b'{"usage"',
        b'["usage"]',
        b'{"usage": 7}',
        b'{"usage": {"prompt_tokens": true, "completion_tokens": "7"}}',
        b'{"usage": {"prompt_tokens_details": 7}, "x": "\xff"}',
        b'{"usage": ' + b"[" * 100_000,
    ],
)
def test_what_is_no_usage_is_none(text: bytes) -> None:
    """Nothing raises."""
    assert {} == counts(text)


@given(text=st.binary(max_size=200))
def test_whatever_a_tier_says_nothing_raises(text: bytes) -> None:
    """It comes from a tier, and nobody has looked at it."""
    for kind in (Answer, Events):
        assert {} == read(kind(), [b'{"usage":' + text, text])
