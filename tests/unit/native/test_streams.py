"""Tests of extproc.native.streams, through a connection: what becomes of calls."""

from dataclasses import replace

import pytest
import wire

from extproc.native.errors import CallFault, Status
from extproc.native.streams import Closed, Received

A, B = b"first message", b"second message"


def test_messages_come_as_events_in_their_order() -> None:
    """Those of one frame and those of many."""
    connection = wire.connected()
    both = wire.message(A) + wire.message(B)
    events = wire.feed(connection, wire.opening(), wire.data(both[:20]), wire.data(both[20:]))

    assert [Received(1, A), Received(1, B)] == events


def test_an_answer_ends_the_stream() -> None:
    """With its trailers, in the same bytes."""
    connection = wire.connected()
    wire.feed(connection, wire.opening(), wire.data(wire.message(A)))
    connection.reply(1, B, end=True)
    _, data, trailers = wire.taken(connection)

    assert wire.message(B) == data.payload
    assert "0" == wire.fields(trailers.payload)["grpc-status"]
    assert 0 == connection.streams


def test_a_call_may_be_answered_and_go_on() -> None:
    """Several messages, several answers."""
    connection = wire.connected()
    wire.feed(connection, wire.opening(), wire.data(wire.message(A)))
    connection.reply(1, b"x", end=False)
    events = wire.feed(connection, wire.data(wire.message(B)))

    assert ([Received(1, B)], 1) == (events, connection.streams)


def test_a_client_that_has_said_all_gets_ok() -> None:
    """Its half-close is the end of a stream that was not ended before."""
    connection = wire.connected()
    events = wire.feed(connection, wire.opening(), wire.data(wire.message(A), last=True))

    assert [Received(1, A), Closed(1)] == events
    assert [("status", 1, 0)] == list(wire.ends(wire.taken(connection)))


def test_a_last_message_is_answered_before_the_end() -> None:
    """The half-close comes after the event."""
    connection = wire.connected()
    received = wire.opening() + wire.data(wire.message(A), last=True)
    events = []
    for event in connection.receive(received):
        events.append(event)
        connection.reply(1, B, end=True)

    assert [Received(1, A)] == events
    assert [0, 1] == [frame.kind for frame in wire.taken(connection)][1::-1]


def test_a_call_without_messages_gets_ok() -> None:
    """END_STREAM on its headers, or on DATA of no bytes."""
    connection = wire.connected()
    wire.feed(connection, wire.opening(1, last=True), wire.opening(3), wire.data(b"", 3, last=True))

    assert [("status", 1, 0), ("status", 3, 0)] == list(wire.ends(wire.taken(connection)))


def test_trailers_of_the_client_end_its_part() -> None:
    """8.1."""
    connection = wire.connected()
    trailers = wire.frame(wire.HEADERS, 5, 1, wire.block([("x", "y")]))
    events = wire.feed(connection, wire.opening(), trailers)

    assert [Closed(1)] == events
    assert [("status", 1, 0)] == list(wire.ends(wire.taken(connection)))


def test_a_stream_that_ends_inside_a_message_has_not_ended_well() -> None:
    """What was said is not what was meant."""
    connection = wire.connected()
    events = wire.feed(connection, wire.opening(), wire.data(wire.message(A)[:-1], last=True))

    assert [Closed(1)] == events
    assert [("status", 1, 13)] == list(wire.ends(wire.taken(connection)))


def test_a_message_that_cannot_be_read_ends_its_call_alone() -> None:
    """The next call of the same read is served."""
    connection = wire.connected()
    compressed = b"\x01" + wire.message(A)[1:]
    received = (wire.opening(1), wire.opening(3), wire.data(compressed, 1))
    events = wire.feed(connection, *received, wire.data(wire.message(A), 3))

    assert [Closed(1), Received(3, A)] == events
    assert [("status", 1, 12)] == list(wire.ends(wire.taken(connection)))


def test_messages_after_the_answer_are_not_handed_on() -> None:
    """In the same frame or in a later one."""
    connection = wire.connected()
    received = wire.opening() + wire.data(wire.message(A) * 3)
    events = []
    for event in connection.receive(received):
        events.append(event)
        connection.reply(1, B, end=True)
    events += wire.feed(connection, wire.data(wire.message(A)))

    assert [Received(1, A)] == events
    assert not connection.closed


def test_messages_are_not_handed_on_while_the_answer_waits() -> None:
    """The client gave no credit for it, but says more."""
    connection = wire.connected()
    wire.feed(connection, wire.settings((4, 0)), wire.opening(), wire.data(wire.message(A)))
    connection.reply(1, B, end=True)

    assert [] == wire.feed(connection, wire.data(wire.message(A), last=True))
    assert 1 == connection.streams
    wire.feed(connection, wire.credit(1, 100))
    assert 0 == connection.streams


def test_nothing_more_is_said_on_a_stream_that_was_answered() -> None:
    """Neither an answer nor another end."""
    connection = wire.connected()
    wire.feed(connection, wire.settings((4, 0)), wire.opening(), wire.data(wire.message(A)))
    connection.reply(1, B, end=True)
    connection.take()
    connection.reply(1, B, end=True)
    connection.fail(1, CallFault(Status.INTERNAL, "no"))
    connection.reply(99, B, end=True)
    connection.fail(99, CallFault(Status.INTERNAL, "no"))

    assert b"" == connection.take()


def test_a_reset_closes_the_call() -> None:
    """6.4: what waits is dropped with it."""
    connection = wire.connected()
    wire.feed(connection, wire.settings((4, 0)), wire.opening(), wire.data(wire.message(A)))
    connection.reply(1, B, end=False)
    events = wire.feed(connection, wire.frame(wire.RST_STREAM, 0, 1, wire.word(8)))

    assert ([Closed(1)], 0, 0) == (events, connection.streams, connection.unsent)


def test_a_call_can_be_failed() -> None:
    """By whoever answers it."""
    connection = wire.connected()
    wire.feed(connection, wire.opening())
    connection.fail(1, CallFault(Status.UNKNOWN, "a bug"))

    assert [("status", 1, 2)] == list(wire.ends(wire.taken(connection)))


def test_a_refused_request_costs_no_stream() -> None:
    """What it still sends is ignored."""
    connection = wire.connected()
    refused = wire.opening(1, fields=wire.request(path="/x.Y/Z"))
    events = wire.feed(connection, refused, wire.data(wire.message(A), last=True))

    assert ([], 0) == (events, connection.streams)
    assert [("status", 1, 12)] == list(wire.ends(wire.taken(connection)))


def test_streams_beyond_the_bound_are_refused() -> None:
    """5.1.2: a stream error, so that the client may ask again."""
    connection = wire.connected(replace(wire.LIMITS, streams=2))
    wire.feed(connection, wire.opening(1), wire.opening(3), wire.opening(5))

    assert [("reset", 5, 7)] == list(wire.ends(wire.taken(connection)))
    assert 2 == connection.streams


def test_unfinished_messages_are_bounded_together() -> None:
    """The call that would pass the bound is refused; the others can end."""
    connection = wire.connected(replace(wire.LIMITS, held=10_000))
    half = wire.message(bytes(9000))[:6000]
    wire.feed(connection, wire.opening(1), wire.data(half, 1))
    events = wire.feed(connection, wire.opening(3), wire.data(half, 3))
    assert [Closed(3)] == events
    assert [("status", 3, 8)] == list(wire.ends(wire.taken(connection)))
    (whole,) = wire.feed(connection, wire.data(bytes(3005), 1))

    assert Received(1, bytes(9000)) == whole
    assert [] == wire.feed(connection, wire.opening(5), wire.data(half, 5))


def test_a_refused_call_holds_nothing() -> None:
    """Also where it is refused for what follows a message that has just become whole."""
    connection = wire.connected(replace(wire.LIMITS, held=10_000))
    whole = wire.message(bytes(9000))
    for number in (1, 3, 5):
        wire.feed(connection, wire.opening(number), wire.data(whole[:6000], number))
        events = wire.feed(connection, wire.data(whole[6000:] + b"\x01\0\0\0\0", number))
        assert [Closed(number)] == events

    assert [] == wire.feed(connection, wire.opening(7), wire.data(whole[:6000], 7))


def test_windows_that_move_with_many_streams_try_our_patience() -> None:
    """6.9.2: one frame, and every stream is touched; settings that move none cost as any frame."""
    connection = wire.connected(replace(wire.LIMITS, burst=330, per_second=1))
    wire.feed(connection, *map(wire.opening, range(1, 201, 2)))
    wire.feed(connection, *(wire.settings((4, 65_535)) for _ in range(300)))
    assert not connection.closed
    wire.feed(connection, *(wire.settings((4, size)) for size in range(8)))

    assert connection.closed


def test_answers_that_are_not_read_are_bounded() -> None:
    """A client that gives no credit is let go."""
    connection = wire.connected(replace(wire.LIMITS, unsent=1000))
    wire.feed(connection, wire.settings((4, 0)), wire.opening(), wire.data(wire.message(A)))
    connection.reply(1, bytes(1000), end=True)

    assert connection.closed
    assert ("goaway", 1, 11) == list(wire.ends(wire.taken(connection)))[-1]


def test_credit_is_given_back_for_streams_that_go_on() -> None:
    """6.9: at both levels, once half is used."""
    connection = wire.connected(replace(wire.LIMITS, message=65_530, window=120_000))
    wire.feed(connection, wire.opening())
    for _ in range(4):
        wire.feed(connection, wire.data(wire.message(bytes(16_000))))
    updates = [one for one in wire.taken(connection) if one.kind == wire.WINDOW_UPDATE]

    assert [1, 0] == [one.stream for one in updates]


@pytest.mark.parametrize("later", [1, 2, 3])
def test_the_memory_of_streams_that_are_over_is_bounded(later: int) -> None:
    """One that was forgotten is as good as closed by the client: its DATA is answered by a reset,
    and then ignored.
    """
    connection = wire.connected(replace(wire.LIMITS, streams=2))
    for number in range(1, 2 * later + 2, 2):
        wire.feed(connection, wire.opening(number), wire.data(wire.message(A), number))
        connection.reply(number, B, end=True)
    connection.take()
    late = wire.data(wire.message(A), 1)
    wire.feed(connection, late, late)

    expected = [("reset", 1, 5)] if later > 1 else []
    assert expected == list(wire.ends(wire.taken(connection)))
