"""Tests of extproc.native.outbox: RFC 9113, sections 5.2 and 6.9."""

import sys

import pytest
import wire

from extproc.native import replies
from extproc.native.errors import ConnectionFault, ErrorCode, StreamFault
from extproc.native.outbox import Outbox
from extproc.native.stream import Stream


def stream(outbox: Outbox, number: int = 1) -> Stream:
    """A new stream of the outbox."""
    made = Stream(number, wire.LIMITS, None)
    made.credit = outbox.window
    return made


def written(outbox: Outbox) -> list[wire.Frame]:
    """The frames to be written now."""
    return wire.frames(outbox.take())


def sizes(outbox: Outbox) -> list[tuple[int, int]]:
    """Stream and length of each DATA to be written now."""
    return [(one.stream, len(one.payload)) for one in written(outbox) if one.kind == wire.DATA]


def test_an_answer_is_headers_message_and_trailers() -> None:
    """As gRPC has it, in one piece."""
    outbox = Outbox()
    one = stream(outbox)
    outbox.message(one, b"abc")
    outbox.end(one, replies.OK)

    assert [
        (wire.HEADERS, wire.END_HEADERS, 1, replies.RESPONSE),
        (wire.DATA, 0, 1, wire.message(b"abc")),
        (wire.HEADERS, wire.END_HEADERS | wire.END_STREAM, 1, replies.OK),
    ] == written(outbox)
    assert one.ended


def test_headers_are_written_once() -> None:
    """However many messages follow."""
    outbox = Outbox()
    one = stream(outbox)
    outbox.message(one, b"a")
    outbox.message(one, b"b")

    assert [wire.HEADERS, wire.DATA, wire.DATA] == [frame.kind for frame in written(outbox)]


def test_an_end_without_messages_is_one_block() -> None:
    """Trailers-Only."""
    outbox = Outbox()
    outbox.end(stream(outbox), replies.OK)
    (only,) = written(outbox)

    assert replies.RESPONSE + replies.OK == only.payload


def test_what_was_taken_is_not_taken_again() -> None:
    """Written once."""
    outbox = Outbox()
    outbox.put(b"x")

    assert (b"x", b"") == (outbox.take(), outbox.take())


def test_a_long_answer_is_cut_into_frames() -> None:
    """4.2: none is over the smallest bound that a peer can set."""
    outbox = Outbox()
    one = stream(outbox)
    outbox.message(one, bytes(40_000))
    outbox.end(one, replies.OK)

    assert [(1, 16384), (1, 16384), (1, 7237)] == sizes(outbox)
    assert one.ended


def test_an_answer_waits_for_the_streams_credit() -> None:
    """6.9.1; its trailers wait with it."""
    outbox = Outbox()
    outbox.resize(10, ())
    one = stream(outbox)
    outbox.message(one, b"x" * 20)
    outbox.end(one, replies.OK)
    assert ([(1, 10)], 15, False) == (sizes(outbox), outbox.unsent, one.ended)
    outbox.grant(one, 100)

    assert [one] == outbox.resume()
    assert [(1, 15)] == sizes(outbox)
    assert (0, []) == (outbox.unsent, outbox.resume())


def test_a_second_answer_waits_behind_the_first() -> None:
    """Messages of one stream keep their order."""
    outbox = Outbox()
    outbox.resize(10, ())
    one = stream(outbox)
    outbox.message(one, b"x" * 20)
    outbox.message(one, b"y")
    outbox.grant(one, 100)
    outbox.resume()
    content = b"".join(frame.payload for frame in written(outbox) if frame.kind == wire.DATA)

    assert wire.message(b"x" * 20) + wire.message(b"y") == content


def test_streams_share_the_connections_credit() -> None:
    """5.2.1: a frame of each in turn, so that none starves."""
    outbox = Outbox()
    outbox.resize(1 << 20, ())
    one, other = stream(outbox, 1), stream(outbox, 3)
    outbox.message(one, bytes(100_000))
    outbox.message(other, bytes(100_000))
    assert 65_535 == sum(size for _, size in sizes(outbox))
    outbox.grant(None, 65_536)
    outbox.resume()

    assert [(1, 16384), (3, 16384), (1, 16384), (3, 16384)] == sizes(outbox)


def test_the_next_credit_is_the_next_streams() -> None:
    """Credit in drops starves nobody either."""
    outbox = Outbox()
    outbox.resize(1 << 20, ())
    one, other = stream(outbox, 1), stream(outbox, 3)
    outbox.message(one, bytes(100_000))
    outbox.message(other, b"abc")
    sizes(outbox)
    for _ in range(3):
        outbox.grant(None, 2)
        outbox.resume()

    assert [(1, 2), (3, 2), (1, 2)] == sizes(outbox)


def test_credit_is_not_asked_of_streams_that_have_none() -> None:
    """A thousand that wait for their own must not cost each grant of the connection's."""
    outbox = Outbox()
    outbox.resize(0, ())
    for number in range(1, 2_001, 2):
        outbox.message(stream(outbox, number), b"abc")
    calls: list[str] = []
    sys.setprofile(
        lambda frame, event, _: (
            calls.append(event) if "native" in frame.f_code.co_filename else None
        )
    )
    try:
        outbox.grant(None, 1)
        outbox.resume()
    finally:
        sys.setprofile(None)

    assert len(calls) < 10


def test_what_waits_is_dropped_with_its_stream() -> None:
    """A reset frees its memory."""
    outbox = Outbox()
    outbox.resize(10, ())
    one = stream(outbox)
    outbox.message(one, b"x" * 20)
    outbox.drop(one)
    outbox.grant(one, 100)

    assert (0, []) == (outbox.unsent, outbox.resume())


def test_another_initial_window_moves_every_stream() -> None:
    """6.9.2: below zero even, and then nothing is sent until it is above."""
    outbox = Outbox()
    one = stream(outbox)
    outbox.message(one, bytes(95))
    outbox.resize(50, [one])
    assert -50 == one.credit
    sizes(outbox)
    outbox.message(one, b"abc")
    assert [] == sizes(outbox)
    outbox.grant(one, 60)
    outbox.resume()

    assert [(1, 8)] == sizes(outbox)


def test_a_window_that_overflows_by_settings_ends_the_connection() -> None:
    """6.9.2."""
    outbox = Outbox()
    one = stream(outbox)
    outbox.grant(one, 1)
    with pytest.raises(ConnectionFault) as caught:
        outbox.resize(2**31 - 1, [one])

    assert ErrorCode.FLOW_CONTROL_ERROR is caught.value.code


def test_a_window_that_overflows_ends_its_stream() -> None:
    """6.9.1."""
    outbox = Outbox()
    with pytest.raises(StreamFault) as caught:
        outbox.grant(stream(outbox), 2**31 - 1)

    assert ErrorCode.FLOW_CONTROL_ERROR is caught.value.code


def test_the_connections_window_that_overflows_ends_it() -> None:
    """6.9.1."""
    with pytest.raises(ConnectionFault) as caught:
        Outbox().grant(None, 2**31 - 1)

    assert ErrorCode.FLOW_CONTROL_ERROR is caught.value.code
