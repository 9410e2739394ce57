"""Tests of extproc.native.stream: RFC 9113, sections 5.1 and 8.1.1."""

import pytest
import wire

from extproc.native.errors import ErrorCode, StreamFault
from extproc.native.stream import Stream


def test_a_stream_begins_with_nothing_said() -> None:
    """Neither side has ended it."""
    stream = Stream(1, wire.LIMITS, None)

    assert (False, False, False) == (stream.answered, stream.ended, stream.peer_done)


def test_a_stream_is_answered_once_its_end_is_settled() -> None:
    """Though it may still wait for credit."""
    stream = Stream(1, wire.LIMITS, None)
    stream.trailers = b"x"

    assert (True, False) == (stream.answered, stream.ended)


def test_content_as_long_as_was_said_is_taken() -> None:
    """In any number of pieces."""
    stream = Stream(1, wire.LIMITS, 5)
    stream.count(2, last=False)
    stream.count(3, last=True)

    assert 0 == stream.expected


@pytest.mark.parametrize(("size", "last"), [(6, False), (6, True), (4, True)])
def test_content_of_another_length_is_malformed(size: int, last: bool) -> None:
    """8.1.1."""
    with pytest.raises(StreamFault) as caught:
        Stream(3, wire.LIMITS, 5).count(size, last=last)

    assert (3, ErrorCode.PROTOCOL_ERROR) == (caught.value.stream, caught.value.code)


def test_content_without_a_length_is_not_counted() -> None:
    """Calls of gRPC have none."""
    stream = Stream(1, wire.LIMITS, None)
    stream.count(1 << 40, last=True)

    assert stream.expected is None
