"""Tests of extproc.native.frames: RFC 9113, sections 4.1, 4.2 and 6."""

from itertools import chain

import pytest
import wire
from hypothesis import given, strategies as st

from extproc.native.errors import ConnectionFault, ErrorCode, StreamFault
from extproc.native.frames import (
    Frame,
    FrameReader,
    Kind,
    check_length,
    check_priority,
    content,
    encode,
    goaway,
    rst_stream,
    window_update,
    word,
)

FRAMES = st.lists(
    st.tuples(
        st.integers(0, 255), st.integers(0, 255), st.integers(0, 2**31 - 1), st.binary(max_size=40)
    ),
    max_size=8,
)


@given(FRAMES, st.lists(st.integers(0, 60), max_size=12))
def test_frames_are_cut_alike_however_the_bytes_were_split(
    said: list[tuple[int, int, int, bytes]], cuts: list[int]
) -> None:
    """4.1: the stream of bytes has frames, and no other boundaries."""
    stream = b"".join(wire.frame(*one) for one in said)
    reader, found = FrameReader(), []
    for cut in cuts:
        piece, stream = stream[:cut], stream[cut:]
        found += list(reader.feed(piece))
    found += list(reader.feed(stream))

    assert [Frame(*one) for one in said] == found


def test_a_frame_may_come_byte_by_byte() -> None:
    """Its payload included, and one of no bytes."""
    reader = FrameReader()
    stream = wire.frame(wire.PING, 0, 0, b"12345678") + wire.frame(wire.SETTINGS)
    found = [frame for byte in stream for frame in reader.feed(bytes((byte,)))]

    assert [Frame(6, 0, 0, b"12345678"), Frame(4, 0, 0, b"")] == found


def test_the_reserved_bit_of_a_stream_is_ignored() -> None:
    """4.1: "the value of the reserved field MUST be ignored"."""
    (frame,) = FrameReader().feed(wire.frame(wire.DATA, 0, 0x8000_0003))

    assert 3 == frame.stream


@pytest.mark.parametrize("split", [100, 5, 1])
def test_a_frame_over_the_bound_ends_the_connection(split: int) -> None:
    """4.2, before its payload has come."""
    reader = FrameReader()
    head = wire.frame(wire.DATA, 0, 1, bytes(16385))[:9]
    pieces = (head[start : start + split] for start in range(0, 9, split))
    with pytest.raises(ConnectionFault) as caught:
        list(chain.from_iterable(map(reader.feed, pieces)))

    assert ErrorCode.FRAME_SIZE_ERROR is caught.value.code


@pytest.mark.parametrize(
    ("kind", "flags", "payload", "expected"),
    [
        (Kind.DATA, 0, b"abc", b"abc"),
        (Kind.DATA, wire.PADDED, b"\x02abc\0\0", b"abc"),
        (Kind.DATA, wire.PADDED, b"\x00abc", b"abc"),
        (Kind.DATA, wire.PADDED, b"\x03\0\0\0", b""),
        (Kind.DATA, wire.PRIORITISED, b"abcdef", b"abcdef"),
        (Kind.HEADERS, wire.PRIORITISED, b"\0\0\0\0\x10abc", b"abc"),
        (Kind.HEADERS, wire.PRIORITISED | wire.PADDED, b"\x01\0\0\0\0\x10abc\0", b"abc"),
    ],
)
def test_content_is_what_is_left_of_padding_and_priority(
    kind: Kind, flags: int, payload: bytes, expected: bytes
) -> None:
    """6.1 and 6.2; the flag of priority means nothing on DATA."""
    assert expected == content(Frame(kind, flags, 1, payload))


@pytest.mark.parametrize(
    ("kind", "flags", "payload", "code"),
    [
        (Kind.DATA, wire.PADDED, b"", ErrorCode.FRAME_SIZE_ERROR),
        (Kind.DATA, wire.PADDED, b"\x03ab", ErrorCode.PROTOCOL_ERROR),
        (Kind.HEADERS, wire.PADDED, b"\x04abc", ErrorCode.PROTOCOL_ERROR),
        (Kind.HEADERS, wire.PRIORITISED, b"\0\0\0\0", ErrorCode.PROTOCOL_ERROR),
    ],
)
def test_padding_beyond_the_payload_ends_the_connection(
    kind: Kind, flags: int, payload: bytes, code: ErrorCode
) -> None:
    """6.1: "the recipient MUST treat this as a connection error"."""
    with pytest.raises(ConnectionFault) as caught:
        content(Frame(kind, flags, 1, payload))

    assert code is caught.value.code


def test_a_fixed_length_is_kept() -> None:
    """6.4, 6.7 and 6.9."""
    check_length(Frame(Kind.PING, 0, 0, bytes(8)), 8)
    with pytest.raises(ConnectionFault) as caught:
        check_length(Frame(Kind.PING, 0, 0, bytes(7)), 8)

    assert ErrorCode.FRAME_SIZE_ERROR is caught.value.code


def test_a_priority_of_another_length_ends_its_stream() -> None:
    """6.3."""
    check_priority(Frame(Kind.PRIORITY, 0, 3, bytes(5)))
    with pytest.raises(StreamFault) as caught:
        check_priority(Frame(Kind.PRIORITY, 0, 3, bytes(4)))

    assert (3, ErrorCode.FRAME_SIZE_ERROR) == (caught.value.stream, caught.value.code)


def test_frames_are_written_as_they_are_read() -> None:
    """All that the server writes, read back by the tests' own reader."""
    written = b"".join(
        (
            encode(Kind.PING, 1, 0, b"12345678"),
            window_update(3, 70_000),
            rst_stream(5, ErrorCode.CANCEL),
            goaway(7, ErrorCode.NO_ERROR, "bye"),
        )
    )

    assert [
        (wire.PING, 1, 0, b"12345678"),
        (wire.WINDOW_UPDATE, 0, 3, b"\x00\x01\x11\x70"),
        (wire.RST_STREAM, 0, 5, b"\x00\x00\x00\x08"),
        (wire.GOAWAY, 0, 0, b"\x00\x00\x00\x07\x00\x00\x00\x00bye"),
    ] == wire.frames(written)


def test_the_reserved_bit_of_a_number_is_ignored() -> None:
    """6.9."""
    assert 1 == word(b"\x80\0\0\x01")
