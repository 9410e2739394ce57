"""What RFC 9113 asks of a server, case by case over a real socket, in the order of its sections.

Each case writes frames after a good beginning and says how the stream or the connection must end.
A good call ends every case whose connection lives, so that no error reaches beyond its stream.
"""

import pytest
import wire
from builders import body, chat, headers
from native_serving import serving
from wire import (
    ACK,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEADERS,
    PADDED,
    PING,
    PRIORITY,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    frame,
    opening,
    settings,
    word,
)

NO_ERROR, PROTOCOL_ERROR, _, FLOW_CONTROL_ERROR, _, STREAM_CLOSED, FRAME_SIZE_ERROR = range(7)
COMPRESSION_ERROR, CALM = 9, 11
MAX_WINDOW = 2**31 - 1
SOME = 0
"""The stream at which patience ends is a matter of time."""
FIRST = wire.message(headers().SerializeToString())
SECOND = wire.message(body(chat()).SerializeToString())


def goaway(code: int, last: int = 0) -> list[tuple[str, int, int]]:
    """The connection's end."""
    return [("goaway", last, code)]


def reset(code: int, stream: int = 1) -> list[tuple[str, int, int]]:
    """One stream's end."""
    return [("reset", stream, code)]


def status(code: int, stream: int = 1) -> list[tuple[str, int, int]]:
    """One call's end."""
    return [("status", stream, code)]


def calmed(what: str, number: int, code: int) -> tuple[str, int, int]:
    """The same, without the stream where patience has ended."""
    return what, SOME if code == CALM else number, code


def continued(*flags: int) -> bytes:
    """A call whose headers come in pieces, with these flags."""
    parts = [wire.CALL[start : start + 20] for start in range(0, len(wire.CALL), 20)]
    first, *rest = [*parts[: len(flags) - 1], b"".join(parts[len(flags) - 1 :])]
    more = zip(flags[1:], rest, strict=True)
    return frame(HEADERS, flags[0], 1, first) + b"".join(
        frame(CONTINUATION, flag, 1, part) for flag, part in more
    )


CALL = opening(1)
ENDED = opening(1, last=True)
REFUSED = opening(1, fields=wire.request(without=":path"))
CASES = {
    "3.4 no preface": (b"GET / HTTP/1.1\r\n\r\n", None, goaway(PROTOCOL_ERROR)),
    "3.4 settings must come first": (
        wire.PREFACE + frame(PING, 0, 0, bytes(8)),
        None,
        goaway(PROTOCOL_ERROR),
    ),
    "4.1 unknown frames are ignored": (None, frame(0x42, 0xFF, 7, b"abc"), []),
    "4.2 a frame at the bound": (None, opening() + wire.data(bytes(16384)), status(0)[:0]),
    "4.2 a frame over the bound": (
        None,
        opening() + frame(DATA, 0, 1, bytes(16385)),
        goaway(FRAME_SIZE_ERROR, 1),
    ),
    "4.3 a bad header block": (
        None,
        frame(HEADERS, END_HEADERS, 1, b"\x20\x80"),
        goaway(COMPRESSION_ERROR, 1),
    ),
    "4.3 a block is not interrupted": (
        None,
        continued(0, 0)[:-1] + b"x" + frame(PING, 0, 0, bytes(8)),
        goaway(PROTOCOL_ERROR),
    ),
    "5.1 idle: DATA": (None, frame(DATA, 0, 1, b"a"), goaway(PROTOCOL_ERROR)),
    "5.1 idle: RST_STREAM": (None, frame(RST_STREAM, 0, 1, word(8)), goaway(PROTOCOL_ERROR)),
    "5.1 idle: WINDOW_UPDATE": (None, wire.credit(1, 1), goaway(PROTOCOL_ERROR)),
    "5.1 idle: PRIORITY is ignored": (None, frame(PRIORITY, 0, 1, bytes(5)), []),
    "5.1 idle: a number of the server's": (
        None,
        ENDED + frame(DATA, 0, 2, b"a"),
        status(0) + goaway(PROTOCOL_ERROR, 1),
    ),
    "5.1 half-closed: DATA": (
        None,
        settings((4, 0)) + opening(1) + wire.data(FIRST, last=True) + wire.data(b"a"),
        reset(STREAM_CLOSED),
    ),
    "5.1 half-closed: HEADERS": (
        None,
        settings((4, 0)) + opening(1) + wire.data(FIRST, last=True) + ENDED,
        reset(STREAM_CLOSED),
    ),
    "5.1 half-closed: RST_STREAM": (
        None,
        settings((4, 0))
        + opening(1)
        + wire.data(FIRST, last=True)
        + frame(RST_STREAM, 0, 1, word(8)),
        [],
    ),
    "5.1 closed: DATA": (None, ENDED + wire.data(b"a"), status(0) + reset(STREAM_CLOSED)),
    "5.1 closed: HEADERS": (None, ENDED + opening(1), status(0) + goaway(STREAM_CLOSED, 1)),
    "5.1 closed: WINDOW_UPDATE": (None, ENDED + wire.credit(1, 1), status(0)),
    "5.1 closed: RST_STREAM": (None, ENDED + frame(RST_STREAM, 0, 1, word(8)), status(0)),
    "5.1 closed: PRIORITY": (None, ENDED + frame(PRIORITY, 0, 1, bytes(5)), status(0)),
    "5.1 reset by us: DATA is on its way": (
        None,
        opening(1, fields=wire.request(without=":path")) + wire.data(b"a", last=True),
        reset(PROTOCOL_ERROR),
    ),
    "5.1 reset by us: trailers are on their way": (
        None,
        opening(1, fields=wire.request(without=":path")) + ENDED + wire.data(b"a"),
        reset(PROTOCOL_ERROR) + reset(STREAM_CLOSED),
    ),
    "5.1 reset by us: HEADERS that end nothing": (
        None,
        opening(1, fields=wire.request(without=":path")) + opening(1),
        reset(PROTOCOL_ERROR),
    ),
    "5.1.1 an even number": (None, opening(2), goaway(PROTOCOL_ERROR)),
    "5.1.1 a number below the last": (
        None,
        opening(5, last=True) + opening(3),
        status(0, 5) + goaway(PROTOCOL_ERROR, 5),
    ),
    "6.1 DATA without a stream": (None, frame(DATA, 0, 0, b"a"), goaway(PROTOCOL_ERROR)),
    "6.1 padding": (
        None,
        opening() + frame(DATA, PADDED | END_STREAM, 1, b"\x03" + bytes(3)),
        status(0),
    ),
    "6.1 padding over the payload": (
        None,
        opening() + frame(DATA, PADDED, 1, b"\x09abc"),
        goaway(PROTOCOL_ERROR, 1),
    ),
    "6.2 HEADERS without a stream": (
        None,
        frame(HEADERS, END_HEADERS, 0, wire.CALL),
        goaway(PROTOCOL_ERROR),
    ),
    "6.2 padding and priority": (
        None,
        frame(HEADERS, 0x2D, 1, b"\x02" + bytes(5) + wire.CALL + bytes(2)),
        status(0),
    ),
    "6.2 padding over the payload": (
        None,
        frame(HEADERS, END_HEADERS | PADDED, 1, b"\xff" + wire.CALL),
        goaway(PROTOCOL_ERROR),
    ),
    "6.3 PRIORITY without a stream": (
        None,
        frame(PRIORITY, 0, 0, bytes(5)),
        goaway(PROTOCOL_ERROR),
    ),
    "6.3 PRIORITY of another length": (
        None,
        opening() + frame(PRIORITY, 0, 1, bytes(4)),
        reset(FRAME_SIZE_ERROR),
    ),
    "6.3 PRIORITY of another length: idle": (
        None,
        frame(PRIORITY, 0, 1, bytes(4)),
        goaway(FRAME_SIZE_ERROR),
    ),
    "6.4 RST_STREAM without a stream": (
        None,
        frame(RST_STREAM, 0, 0, word(8)),
        goaway(PROTOCOL_ERROR),
    ),
    "6.4 RST_STREAM of another length": (
        None,
        opening() + frame(RST_STREAM, 0, 1, bytes(3)),
        goaway(FRAME_SIZE_ERROR, 1),
    ),
    "6.5 SETTINGS on a stream": (None, frame(SETTINGS, 0, 1), goaway(PROTOCOL_ERROR)),
    "6.5 an acknowledgement with a payload": (
        None,
        frame(SETTINGS, ACK, 0, bytes(6)),
        goaway(FRAME_SIZE_ERROR),
    ),
    "6.5 SETTINGS of another length": (
        None,
        frame(SETTINGS, 0, 0, bytes(7)),
        goaway(FRAME_SIZE_ERROR),
    ),
    "6.5.2 ENABLE_PUSH": (None, settings((2, 2)), goaway(PROTOCOL_ERROR)),
    "6.5.2 INITIAL_WINDOW_SIZE": (None, settings((4, 2**31)), goaway(FLOW_CONTROL_ERROR)),
    "6.5.2 MAX_FRAME_SIZE too small": (None, settings((5, 16383)), goaway(PROTOCOL_ERROR)),
    "6.5.2 MAX_FRAME_SIZE too large": (None, settings((5, 2**24)), goaway(PROTOCOL_ERROR)),
    "6.5.2 unknown settings are ignored": (None, settings((0xAB, 1)), []),
    "6.6 PUSH_PROMISE": (None, frame(PUSH_PROMISE, 4, 1, word(2)), goaway(PROTOCOL_ERROR)),
    "6.7 PING on a stream": (None, frame(PING, 0, 1, bytes(8)), goaway(PROTOCOL_ERROR)),
    "6.7 PING of another length": (None, frame(PING, 0, 0, bytes(6)), goaway(FRAME_SIZE_ERROR)),
    "6.7 an answer to no ping": (None, frame(PING, ACK, 0, b"farewell"), []),
    "6.8 GOAWAY of the client": (None, frame(GOAWAY, 0, 0, bytes(8)), []),
    "6.8 GOAWAY on a stream": (None, frame(GOAWAY, 0, 1, bytes(8)), goaway(PROTOCOL_ERROR)),
    "6.8 GOAWAY too short": (None, frame(GOAWAY, 0, 0, bytes(7)), goaway(FRAME_SIZE_ERROR)),
    "6.9 credit of nothing for a stream": (
        None,
        opening() + wire.credit(1, 0),
        reset(PROTOCOL_ERROR),
    ),
    "6.9 credit of nothing": (None, wire.credit(0, 0), goaway(PROTOCOL_ERROR)),
    "6.9 WINDOW_UPDATE of another length": (
        None,
        frame(WINDOW_UPDATE, 0, 0, bytes(3)),
        goaway(FRAME_SIZE_ERROR),
    ),
    "6.9.1 a stream's window overflows": (
        None,
        opening() + wire.credit(1, MAX_WINDOW),
        reset(FLOW_CONTROL_ERROR),
    ),
    "6.9.1 the window overflows": (None, wire.credit(0, MAX_WINDOW), goaway(FLOW_CONTROL_ERROR)),
    "6.9.1 more than was allowed": (
        None,
        opening()
        + frame(DATA, PADDED, 1, b"\xff" + bytes(255)) * 600
        + opening(3, fields=wire.request(path="/x")),
        status(12, 3),
    ),
    "6.9.2 windows overflow by settings": (
        None,
        settings((4, 0)) + opening() + wire.credit(1, MAX_WINDOW) + settings((4, 1)),
        goaway(FLOW_CONTROL_ERROR, 1),
    ),
    "6.10 a block in frames": (
        None,
        continued(END_STREAM, 0, 0, END_HEADERS),
        status(0),
    ),
    "6.10 CONTINUATION of nothing": (
        None,
        frame(CONTINUATION, END_HEADERS, 1, wire.CALL),
        goaway(PROTOCOL_ERROR),
    ),
    "6.10 CONTINUATION of another stream": (
        None,
        frame(HEADERS, 0, 1, wire.CALL[:9]) + frame(CONTINUATION, 4, 3, wire.CALL[9:]),
        goaway(PROTOCOL_ERROR),
    ),
    "6.10 CONTINUATION without end": (
        None,
        frame(HEADERS, 0, 1, wire.CALL) + frame(CONTINUATION, 0, 1, bytes(9000)) * 2,
        goaway(CALM),
    ),
    "8.1 trailers that end nothing": (None, opening() + opening(), reset(PROTOCOL_ERROR)),
    "8.1 trailers that do not end the stream": (
        None,
        opening() + frame(HEADERS, END_HEADERS, 1, wire.block([("a", "b")])),
        reset(PROTOCOL_ERROR),
    ),
    "8.1.1 less than content-length": (
        None,
        opening(fields=wire.block((*wire.REQUEST, ("content-length", "9"))))
        + wire.data(b"", last=True),
        reset(PROTOCOL_ERROR),
    ),
    "8.1.1 content-length without content": (
        None,
        opening(last=True, fields=wire.block((*wire.REQUEST, ("content-length", "9")))),
        reset(PROTOCOL_ERROR),
    ),
    "8.1.1 as much as content-length": (
        None,
        opening(fields=wire.block((*wire.REQUEST, ("content-length", "0"))))
        + wire.data(b"", last=True),
        status(0),
    ),
    "8.1.1 trailers before the content": (
        None,
        opening(fields=wire.block((*wire.REQUEST, ("content-length", "9"))))
        + frame(HEADERS, 5, 1, wire.block(())),
        reset(PROTOCOL_ERROR),
    ),
    "8.2 a name in capitals": (
        None,
        opening(fields=wire.block((*wire.REQUEST, ("A", "b")))),
        reset(PROTOCOL_ERROR),
    ),
    "8.3 a pseudo-header after the others": (
        None,
        opening(fields=wire.block((("a", "b"), *wire.REQUEST))),
        reset(PROTOCOL_ERROR),
    ),
    "8.3.1 no path": (
        None,
        opening(fields=wire.request(without=":path")),
        reset(PROTOCOL_ERROR),
    ),
    "gRPC another method": (None, opening(fields=wire.request(path="/a.B/C")), status(12)),
    "gRPC another content-type": (
        None,
        opening(fields=wire.block((*wire.REQUEST[:5], ("content-type", "text/html")))),
        status(415),
    ),
    "gRPC another verb": (None, opening(fields=wire.request(method="GET")), status(405)),
    "gRPC a compressed message": (None, opening() + wire.data(b"\x01\0\0\0\x01a"), status(12)),
    "gRPC a message too long": (None, opening() + wire.data(b"\0" + word(1 << 30)), status(8)),
    "gRPC a message cut short": (None, opening() + wire.data(b"\0\0\0", last=True), status(13)),
    "gRPC no message": (None, ENDED, status(0)),
    "10.5 resets": (
        None,
        b"".join(
            opening(number) + frame(RST_STREAM, 0, number, word(8))
            for number in range(1, 20_001, 2)
        ),
        goaway(CALM, SOME),
    ),
    "10.5 pings": (None, frame(PING, 0, 0, bytes(8)) * 20_000, goaway(CALM)),
    "10.5 settings": (None, settings() * 20_000, goaway(CALM)),
    "10.5 DATA of nothing": (None, opening() + frame(DATA, 0, 1) * 20_000, goaway(CALM, SOME)),
    "10.5 DATA of nothing that is on its way": (
        None,
        REFUSED + frame(DATA, 0, 1) * 20_000,
        reset(PROTOCOL_ERROR) + goaway(CALM, SOME),
    ),
    "10.5 trailers that are on their way": (
        None,
        REFUSED + opening(1) * 20_000,
        reset(PROTOCOL_ERROR) + goaway(CALM, SOME),
    ),
    "10.5 unknown frames": (None, frame(99) * 20_000, goaway(CALM)),
    "10.5 priorities": (None, frame(PRIORITY, 0, 1, bytes(5)) * 20_000, goaway(CALM)),
}


@pytest.mark.parametrize(
    ("hello", "written", "expected"), [pytest.param(*case, id=name) for name, case in CASES.items()]
)
async def test_the_server_keeps_the_rfc(
    hello: bytes | None, written: bytes | None, expected: list[tuple[str, int, int]]
) -> None:
    """The stream or the connection ends with the code that the section names, or not at all."""
    async with serving() as served, served.raw(hello or wire.HELLO) as client:
        client.send(written or b"")
        ended = [calmed(*one) for one in await client.ends()]
        if all(what != "goaway" for what, *_ in expected):
            good = 65_537
            client.send(opening(good), wire.data(FIRST, good), wire.data(SECOND, good))
            client.send(wire.credit(good, 1 << 20))
            assert status(0, good) == await client.ends()

    assert expected == ended
