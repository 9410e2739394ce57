"""Tests of extproc.native.connection, bytes in and bytes out; `tests/service/native` has the table
of what the RFC asks.
"""

from dataclasses import replace

import wire

from extproc.native.connection import Connection
from extproc.native.errors import CallFault, ErrorCode, Status
from extproc.native.streams import Received


def greeted() -> Connection:
    """A connection whose greeting was read, and nothing more."""
    connection = Connection(wire.LIMITS)
    connection.take()
    return connection


def test_the_server_greets_first() -> None:
    """3.4."""
    said = wire.frames(Connection(wire.LIMITS).take())

    assert [wire.SETTINGS, wire.WINDOW_UPDATE] == [frame.kind for frame in said]


def test_settings_are_acknowledged() -> None:
    """6.5.3, and the client's own acknowledgement is noted."""
    connection = greeted()
    wire.feed(connection, wire.PREFACE, wire.settings())
    before = connection.acknowledged
    wire.feed(connection, wire.frame(wire.SETTINGS, wire.ACK))

    assert (False, True) == (before, connection.acknowledged)
    assert [(wire.SETTINGS, wire.ACK, 0, b"")] == wire.taken(connection)


def test_the_preface_may_come_byte_by_byte() -> None:
    """3.4."""
    connection = greeted()
    for byte in wire.HELLO:
        wire.feed(connection, bytes((byte,)))

    assert (False, True) == (connection.closed, connection.acknowledged)


def test_another_protocol_is_refused_at_its_first_byte() -> None:
    """3.4."""
    connection = greeted()
    wire.feed(connection, b"G")

    assert connection.closed
    assert [("goaway", 0, 1)] == list(wire.ends(wire.taken(connection)))


def test_a_ping_comes_back() -> None:
    """6.7."""
    connection = wire.connected()
    wire.feed(connection, wire.frame(wire.PING, 0, 0, b"abcdefgh"))

    assert [(wire.PING, wire.ACK, 0, b"abcdefgh")] == wire.taken(connection)


def test_nothing_is_read_after_the_end() -> None:
    """Not even in the same bytes."""
    connection = wire.connected()
    wrong = wire.frame(wire.PUSH_PROMISE, 0, 1)
    events = wire.feed(connection, wrong, wire.opening(), wire.data(wire.message(b"a")))
    events += wire.feed(connection, wire.opening())

    assert ([], True, True) == (events, connection.closed, connection.finished)
    assert [wire.GOAWAY] == [frame.kind for frame in wire.taken(connection)]


def test_nothing_is_said_after_the_end() -> None:
    """An answer that comes too late is dropped, and a second end as well."""
    connection = wire.connected()
    wire.feed(connection, wire.opening(), wire.frame(wire.PUSH_PROMISE, 0, 1))
    connection.take()
    connection.reply(1, b"a", end=True)
    connection.end(ErrorCode.SETTINGS_TIMEOUT, "late")

    assert b"" == connection.take()


def test_no_call_is_failed_after_the_end() -> None:
    """What is written after the GOAWAY would be nobody's."""
    connection = wire.connected()
    wire.feed(connection, wire.opening(), wire.frame(wire.PUSH_PROMISE, 0, 1))
    connection.take()
    connection.fail(1, CallFault(Status.UNKNOWN, "a bug"))

    assert b"" == connection.take()


def test_events_stop_where_an_answer_ends_the_connection() -> None:
    """What comes after it in the same bytes is not read."""
    connection = wire.connected(replace(wire.LIMITS, unsent=10))
    wire.feed(connection, wire.settings((4, 0)), wire.opening(1), wire.opening(3))
    received = wire.data(wire.message(b"a"), 1) + wire.data(wire.message(b"b"), 3)
    events = []
    for event in connection.receive(received):
        events.append(event)
        connection.reply(event.stream, bytes(20), end=True)

    assert [Received(1, b"a")] == events


def test_a_header_block_may_come_in_frames() -> None:
    """6.10; END_STREAM stands in the first."""
    connection = wire.connected()
    begin = wire.frame(wire.HEADERS, wire.END_STREAM, 1, wire.CALL[:10])
    more = wire.frame(wire.CONTINUATION, 0, 1, wire.CALL[10:20])
    wire.feed(connection, begin, more)
    wire.feed(connection, wire.frame(wire.CONTINUATION, wire.END_HEADERS, 1, wire.CALL[20:]))

    assert [("status", 1, 0)] == list(wire.ends(wire.taken(connection)))


def test_a_drained_connection_serves_what_was_begun_before_the_client_knew() -> None:
    """6.8: GOAWAY for all, then for what came until the client had read it."""
    connection = wire.connected()
    wire.feed(connection, wire.opening(1))
    connection.drain()
    connection.drain()
    first, ping = wire.taken(connection)
    wire.feed(connection, wire.opening(3), wire.frame(wire.PING, wire.ACK, 0, ping.payload))
    wire.feed(connection, wire.frame(wire.PING, wire.ACK, 0, ping.payload))
    second = wire.taken(connection)

    assert [("goaway", 2**31 - 1, 0)] == list(wire.ends([first]))
    assert [("goaway", 3, 0)] == list(wire.ends(second))
    assert (2, False) == (connection.streams, connection.finished)
    for number in (1, 3):
        wire.feed(connection, wire.data(wire.message(b"a"), number))
        connection.reply(number, b"b", end=True)
    assert connection.finished


def test_a_stream_begun_after_the_farewell_is_ignored() -> None:
    """6.8: its frames too; the client knows that it was not served."""
    connection = wire.connected()
    connection.drain()
    _, ping = wire.taken(connection)
    wire.feed(connection, wire.frame(wire.PING, wire.ACK, 0, ping.payload))
    connection.take()
    late = (
        *(wire.opening(1), wire.data(b"abc"), wire.credit(1, 5)),
        wire.opening(1, last=True, fields=wire.block(())),
    )
    events = wire.feed(connection, *late)

    assert ([], b"") == (events, connection.take())
    assert (True, False) == (connection.finished, connection.closed)


def test_an_error_after_the_farewell_names_what_was_served() -> None:
    """6.8: the last stream of a GOAWAY never grows."""
    connection = wire.connected()
    connection.drain()
    _, ping = wire.taken(connection)
    wire.feed(connection, wire.frame(wire.PING, wire.ACK, 0, ping.payload))
    connection.take()
    wire.feed(connection, wire.opening(1), wire.frame(wire.PUSH_PROMISE, 0, 1))

    assert [("goaway", 0, 1)] == list(wire.ends(wire.taken(connection)))


def test_a_probe_is_a_ping() -> None:
    """Its answer says no more than that the client lives."""
    connection = wire.connected()
    connection.probe()
    (ping,) = wire.taken(connection)
    wire.feed(connection, wire.frame(wire.PING, wire.ACK, 0, ping.payload))

    assert (wire.PING, b"") == (ping.kind, connection.take())


def test_a_reason_from_outside_ends_the_connection() -> None:
    """As time that has run out."""
    connection = wire.connected()
    connection.end(ErrorCode.SETTINGS_TIMEOUT, "late")

    assert connection.closed
    assert [("goaway", 0, 4)] == list(wire.ends(wire.taken(connection)))
