"""Tests of extproc.native.assembly: RFC 9113, sections 4.3, 6.2 and 6.10."""

import pytest
import wire

from extproc.native.assembly import Assembly, Block
from extproc.native.errors import ConnectionFault, ErrorCode
from extproc.native.frames import Frame, Kind


def headers(payload: bytes, flags: int = 0) -> Frame:
    """The beginning of a block."""
    return Frame(Kind.HEADERS, flags, 1, payload)


def continuation(payload: bytes, flags: int = 0, stream: int = 1) -> Frame:
    """A further piece of it."""
    return Frame(Kind.CONTINUATION, flags, stream, payload)


def test_a_block_is_joined_from_its_frames() -> None:
    """END_STREAM stands in the first, END_HEADERS in the last."""
    assembly = Assembly(100)
    assembly.begin(headers(b"ab", wire.END_STREAM))

    assert assembly.resume(continuation(b"cd")) is None
    assert Block(1, True, b"abcdef") == assembly.resume(continuation(b"ef", wire.END_HEADERS))


def test_a_second_block_begins_anew() -> None:
    """Nothing of the first is left."""
    assembly = Assembly(100)
    assembly.begin(headers(b"ab", wire.END_STREAM))
    assembly.resume(continuation(b"cd", wire.END_HEADERS))
    assembly.begin(headers(b"x"))

    assert Block(1, False, b"xy") == assembly.resume(continuation(b"y", wire.END_HEADERS))


def test_a_continuation_of_nothing_ends_the_connection() -> None:
    """6.10."""
    with pytest.raises(ConnectionFault) as caught:
        Assembly(100).resume(continuation(b"a"))

    assert ErrorCode.PROTOCOL_ERROR is caught.value.code


def test_a_continuation_of_another_stream_ends_the_connection() -> None:
    """6.10."""
    assembly = Assembly(100)
    assembly.begin(headers(b"ab"))
    with pytest.raises(ConnectionFault) as caught:
        assembly.resume(continuation(b"cd", stream=3))

    assert ErrorCode.PROTOCOL_ERROR is caught.value.code


@pytest.mark.parametrize("size", [0, 1, 50])
def test_a_block_without_end_is_bounded(size: int) -> None:
    """10.5.1, frames of no bytes included."""
    assembly = Assembly(100)
    assembly.begin(headers(b"ab"))
    with pytest.raises(ConnectionFault) as caught:
        list(map(assembly.resume, [continuation(bytes(size))] * 101))

    assert ErrorCode.ENHANCE_YOUR_CALM is caught.value.code
