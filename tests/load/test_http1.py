"""Where an HTTP/1.1 message ends, however its bytes arrive."""

import itertools

import pytest
from hypothesis import given, strategies as st

from load.bench.http1 import Framing, answer, chunked, post

MESSAGES = {
    "post": post("/p", b'{"a": 1}', authorization="Bearer k"),
    "answer": answer(b"x" * 300, "application/json"),
    "empty": answer(b"", "application/json"),
    "chunked": chunked([b"data: a\n\n", b"data: [DONE]\n\n"], "text/event-stream"),
    "get": b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n",
}


@pytest.mark.parametrize("name", MESSAGES)
@given(data=st.data())
def test_a_message_ends_with_its_last_byte(name: str, data: st.DataObject) -> None:
    """Cut anywhere, it is complete with the last piece and not before."""
    message = MESSAGES[name]
    cuts = data.draw(st.sets(st.integers(1, len(message) - 1), max_size=5))
    places = [0, *sorted(cuts), len(message)]
    framing = Framing()

    seen = [framing.feed(message[start:stop]) for start, stop in itertools.pairwise(places)]

    assert [False] * len(cuts) + [True] == seen


def test_the_next_message_begins_afresh() -> None:
    """After a reset nothing of the last one is left."""
    framing = Framing()
    assert framing.feed(MESSAGES["chunked"])

    framing.reset()

    assert not framing.feed(MESSAGES["answer"][:-1])
    assert framing.head == MESSAGES["answer"][:-1]


def test_a_message_without_an_end_is_an_error() -> None:
    """Reading until the connection closes would end a measurement early."""
    with pytest.raises(ValueError, match="neither length nor chunks"):
        Framing().feed(b"HTTP/1.1 200 OK\r\n\r\n")
