"""Any bytes at all: whatever comes, in whatever pieces, a connection answers or closes.

A session is what Envoy would say; it is cut, doubled, swapped and flipped. Whatever is left of it,
no exception escapes, nothing is counted wrong, and the pieces it came in change nothing.
"""

import hypothesis.strategies as st
import wire
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from extproc.native.connection import Connection
from extproc.native.errors import CallFault, Status
from extproc.native.limits import Limits
from extproc.native.streams import Event, Received

LIMITS = Limits(
    message=40_000, streams=6, held=70_000, unsent=3_000, window=65_535, burst=50, per_second=1
)
SESSION = (
    wire.settings((4, 100), (5, 16384)),
    wire.frame(wire.SETTINGS, wire.ACK),
    wire.opening(1),
    wire.data(wire.message(b"a" * 300), 1),
    wire.frame(wire.HEADERS, 0, 3, wire.CALL[:30]),
    wire.frame(wire.CONTINUATION, wire.END_HEADERS, 3, wire.CALL[30:]),
    wire.data(wire.message(b"b" * 30_000)[:20_000], 3),
    wire.frame(wire.PING, 0, 0, b"12345678"),
    wire.data(wire.message(b"b" * 30_000)[20_000:], 3),
    wire.credit(1, 500),
    wire.credit(0, 500),
    wire.opening(5, fields=wire.request(path="/other")),
    wire.opening(7),
    wire.data(wire.message(b"c"), 7, last=True),
    wire.frame(wire.RST_STREAM, 0, 1, wire.word(8)),
    wire.settings((4, 65_535)),
    wire.opening(9),
    wire.data(b"\x01\0\0\0\x05", 9),
    wire.frame(0x77, 0, 0, b"unknown"),
    wire.frame(wire.GOAWAY, 0, 0, bytes(8)),
)


def talk(pieces: list[bytes]) -> tuple[list[Event], bytes, Connection]:
    """All events, all that was written, and the connection, with an answer to every message."""
    connection = Connection(LIMITS, clock=lambda: 0.0)
    events, written = [], []
    for piece in pieces:
        for event in connection.receive(piece):
            events.append(event)
            if isinstance(event, Received):
                connection.reply(event.stream, event.message[:200], end=event.message[:1] != b"a")
        written.append(connection.take())
    return events, b"".join(written), connection


@st.composite
def sessions(draw: st.DrawFn) -> bytes:
    """A session with something wrong in it, or not."""
    frames = list(SESSION)
    for _ in range(draw(st.integers(0, 4))):
        where = draw(st.integers(0, len(frames) - 1))
        kind = draw(st.sampled_from(("cut", "double", "swap", "frame")))
        if kind == "cut":
            del frames[where]
        elif kind == "double":
            frames.insert(where, frames[draw(st.integers(0, len(frames) - 1))])
        elif kind == "swap":
            frames[where], frames[0] = frames[0], frames[where]
        else:
            number = draw(st.integers(0, 11))
            payload = draw(st.binary(max_size=20))
            frames[where] = wire.frame(
                draw(st.integers(0, 10)), draw(st.integers(0, 255)), number, payload
            )
    said = bytearray(wire.PREFACE + b"".join(frames))
    for _ in range(draw(st.integers(0, 3))):
        said[draw(st.integers(0, len(said) - 1))] ^= 1 << draw(st.integers(0, 7))
    return bytes(said)


@settings(max_examples=300, deadline=None)
@given(sessions(), st.lists(st.integers(1, 5_000), max_size=25))
def test_the_pieces_change_nothing(session: bytes, sizes: list[int]) -> None:
    """The same events and the same bytes, however the network cut the stream."""
    pieces, rest = [], session
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    events, written, connection = talk([session])
    others = talk([*pieces, rest])

    assert (events, written, connection.closed) == (*others[:2], others[2].closed)


@settings(max_examples=30, deadline=None)
@given(sessions())
def test_single_bytes_change_nothing(session: bytes) -> None:
    """The worst cut of all."""
    bytewise = talk([bytes((byte,)) for byte in session])

    assert talk([session])[:2] == bytewise[:2]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=20))
def test_noise_is_answered_or_closed(pieces: list[bytes]) -> None:
    """Bytes that are nothing, after a good beginning."""
    _, written, connection = talk([wire.HELLO, *pieces])

    assert connection.closed == any(one.kind == wire.GOAWAY for one in wire.frames(written))


class Client(RuleBasedStateMachine):
    """A client that does anything a client can do, on a few streams, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.connection = wire.connected(LIMITS)
        self.waiting: list[int] = []

    def say(self, *said: bytes) -> None:
        """Read, and remember what waits for an answer."""
        for event in self.connection.receive(b"".join(said)):
            if isinstance(event, Received):
                self.waiting.append(event.stream)
        wire.frames(self.connection.take())

    streams = st.integers(0, 8).map(lambda number: 2 * number + 1)

    @rule(number=streams, last=st.booleans())
    def open(self, number: int, *, last: bool) -> None:
        """A call, which may be one that is open or over."""
        self.say(wire.opening(number, last=last))

    @rule(number=streams, size=st.integers(0, 45_000), last=st.booleans())
    def send(self, number: int, size: int, *, last: bool) -> None:
        """A whole message, which may be too long."""
        self.say(wire.data(wire.message(bytes(size)), number, last=last))

    @rule(number=streams, size=st.integers(0, 39_000))
    def begin(self, number: int, size: int) -> None:
        """A message that is not ended."""
        self.say(wire.data(wire.message(bytes(40_000))[: size + 5], number))

    @rule(number=streams)
    def cancel(self, number: int) -> None:
        """A reset."""
        self.say(wire.frame(wire.RST_STREAM, 0, number, wire.word(8)))

    @rule(number=st.just(0) | streams, increment=st.integers(1, 50_000))
    def allow(self, number: int, increment: int) -> None:
        """Credit."""
        self.say(wire.credit(number, increment))

    @rule(window=st.sampled_from((0, 1, 100, 65_535)))
    def resize(self, window: int) -> None:
        """Another initial window."""
        self.say(wire.settings((4, window)))

    @precondition(lambda self: self.waiting)
    @rule(size=st.integers(0, 2_000), end=st.booleans())
    def answer(self, size: int, *, end: bool) -> None:
        """The server answers; the stream may be over by now."""
        self.connection.reply(self.waiting.pop(0), bytes(size), end=end)
        wire.frames(self.connection.take())

    @precondition(lambda self: self.waiting)
    @rule()
    def fail(self) -> None:
        """The server fails."""
        self.connection.fail(self.waiting.pop(0), CallFault(Status.UNKNOWN, "a bug"))

    @rule()
    def leave(self) -> None:
        """The server drains."""
        self.connection.drain()

    @invariant()
    def what_is_held_is_counted(self) -> None:
        """By both counters, and within both bounds and that of streams."""
        streams = self.connection._streams
        calls = streams._open.values()

        assert sum(call.messages.held for call in calls) == streams._held
        assert sum(len(call.unsent) for call in calls) == self.connection.unsent
        assert LIMITS.held >= streams._held
        assert LIMITS.streams >= self.connection.streams
        assert LIMITS.streams >= len(streams._over)
        assert LIMITS.unsent >= self.connection.unsent or self.connection.closed


TestClient = Client.TestCase
TestClient.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
