"""Tests of extproc.native.messages: gRPC's length-prefixed messages."""

import pytest
import wire
from hypothesis import given, strategies as st

from extproc.native.errors import CallFault, Status
from extproc.native.messages import MessageReader, prefixed


@given(st.lists(st.binary(max_size=3000), max_size=5), st.lists(st.integers(0, 2000), max_size=12))
def test_messages_are_cut_alike_however_the_bytes_were_split(
    messages: list[bytes], cuts: list[int]
) -> None:
    """DATA has frames where it pleases the client."""
    stream = b"".join(wire.message(one) for one in messages)
    reader, found = MessageReader(3000), []
    for cut in cuts:
        piece, stream = stream[:cut], stream[cut:]
        found += reader.feed(piece)
    found += reader.feed(stream)

    assert messages == found
    assert (0, False) == (reader.held, reader.partial)


def test_a_message_in_pieces_is_held_and_counted() -> None:
    """What is held is bounded by whoever counts it."""
    reader = MessageReader(100)
    reader.feed(wire.message(b"abcdef")[:7])

    assert (2, True) == (reader.held, reader.partial)
    assert [b"abcdef"] == reader.feed(b"cdef")
    assert (0, False) == (reader.held, reader.partial)


def test_a_piece_of_a_prefix_is_a_partial_message() -> None:
    """A stream that ends there has not ended well."""
    reader = MessageReader(100)
    reader.feed(b"\0\0")

    assert reader.partial


def test_bytes_that_come_one_by_one_are_not_kept_as_objects() -> None:
    """A hostile client could make each cost fifty times its size."""
    reader = MessageReader(5000)
    reader.feed(wire.message(bytes(5000))[:5])
    for _ in range(2500):
        reader.feed(b"ab")

    assert (0, False) == (reader.held, reader.partial)


@pytest.mark.parametrize(
    ("begin", "status"),
    [
        (b"\x01\0\0\0\x01", Status.UNIMPLEMENTED),
        (b"\x02\0\0\0\x01", Status.INTERNAL),
        (b"\0\0\0\0\x65", Status.RESOURCE_EXHAUSTED),
        (b"\0\xff\xff\xff\xff", Status.RESOURCE_EXHAUSTED),
    ],
    ids=["compressed", "neither 0 nor 1", "one byte too long", "the longest"],
)
def test_a_message_that_cannot_be_read_ends_the_call(begin: bytes, status: Status) -> None:
    """Said by its prefix, before its bytes are awaited."""
    with pytest.raises(CallFault) as caught:
        MessageReader(100).feed(begin)

    assert status is caught.value.status


def test_a_message_at_the_limit_is_read() -> None:
    """The limit itself is allowed."""
    assert [bytes(100)] == MessageReader(100).feed(wire.message(bytes(100)))


def test_an_answer_is_written_as_a_message_is_read() -> None:
    """The prefix is the same both ways."""
    assert wire.message(b"abc") == prefixed(b"abc")
