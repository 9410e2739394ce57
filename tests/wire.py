"""HTTP/2 as a client writes and reads it, byte by byte, for tests of the native transport."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import hpack

from extproc.native.connection import Connection
from extproc.native.limits import Limits
from extproc.native.streams import Event

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY = range(8)
WINDOW_UPDATE, CONTINUATION = 8, 9
ACK = END_STREAM = 1
END_HEADERS: Final = 4
PADDED: Final = 8
PRIORITISED: Final = 32
PATH: Final = "/envoy.service.ext_proc.v3.ExternalProcessor/Process"
LIMITS: Final = Limits(message=1 << 20)


class Frame(NamedTuple):
    """One frame."""

    kind: int
    flags: int
    stream: int
    payload: bytes


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    """One frame, whatever it says: RFC 9113, section 4.1."""
    return (
        struct.pack(">HBBBL", len(payload) >> 8, len(payload) & 255, kind, flags, stream) + payload
    )


def frames(data: bytes) -> list[Frame]:
    """The frames of `data`, which holds whole ones only."""
    found, start = [], 0
    while start < len(data):
        high, low, kind, flags, stream = struct.unpack_from(">BHBBL", data, start)
        stop = start + 9 + (high << 16 | low)
        assert stop <= len(data), "a piece of a frame"
        found.append(Frame(kind, flags, stream, data[start + 9 : stop]))
        start = stop
    return found


def text(value: str | bytes) -> bytes:
    """A string as it is, without Huffman's code: RFC 7541, section 5.2."""
    raw = value if isinstance(value, bytes) else value.encode()
    if len(raw) < 127:
        return bytes((len(raw),)) + raw
    rest, size = len(raw) - 127, b"\x7f"
    while rest > 127:
        size += bytes((rest & 127 | 128,))
        rest >>= 7
    return size + bytes((rest,)) + raw


def block(fields: Iterable[tuple[str | bytes, str | bytes]]) -> bytes:
    """A header block of literals that no table keeps, after a table of no bytes was agreed to."""
    return b"\x20" + b"".join(b"\0" + text(name) + text(value) for name, value in fields)


REQUEST: Final[Sequence[tuple[str, str]]] = (
    (":method", "POST"),
    (":scheme", "http"),
    (":path", PATH),
    (":authority", "tiergate_router"),
    ("te", "trailers"),
    ("content-type", "application/grpc"),
)
CALL: Final = block(REQUEST)


def request(*, without: str = "", **changed: str) -> bytes:
    """The block of a call with some pseudo-headers changed, or without one."""
    fields = ((name, changed.get(name.lstrip(":"), value)) for name, value in REQUEST)
    return block((name, value) for name, value in fields if name != without)


def opening(stream: int = 1, *, last: bool = False, fields: bytes = CALL) -> bytes:
    """The HEADERS of a call."""
    return frame(HEADERS, END_HEADERS | last, stream, fields)


def message(content: bytes) -> bytes:
    """A length-prefixed message."""
    return b"\0" + struct.pack(">L", len(content)) + content


def data(content: bytes, stream: int = 1, *, last: bool = False) -> bytes:
    """DATA with `content` as it is, in as many frames as it needs."""
    parts = [content[start : start + 16384] for start in range(0, len(content), 16384)] or [b""]
    flags = [0] * (len(parts) - 1) + [int(last)]
    return b"".join(
        frame(DATA, flag, stream, part) for flag, part in zip(flags, parts, strict=True)
    )


def settings(*pairs: tuple[int, int]) -> bytes:
    """SETTINGS."""
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HL", *pair) for pair in pairs))


def word(number: int) -> bytes:
    """A number of four bytes."""
    return struct.pack(">L", number)


def credit(stream: int, increment: int) -> bytes:
    """WINDOW_UPDATE."""
    return frame(WINDOW_UPDATE, 0, stream, word(increment))


HELLO: Final = PREFACE + settings() + frame(SETTINGS, ACK)
"""What a client says before its first call."""


def fields(payload: bytes) -> dict[str, str]:
    """What a header block of the server says."""
    return {
        name.decode(): value.decode() for name, value in hpack.Decoder().decode(payload, raw=True)
    }


def connected(limits: Limits = LIMITS) -> Connection:
    """A connection whose client has said hello, and whose own greeting was read."""
    connection = Connection(limits, clock=lambda: 0.0)
    assert [] == feed(connection, HELLO)
    connection.take()
    return connection


def feed(connection: Connection, *received: bytes) -> list[Event]:
    """The events of bytes that came at once."""
    return list(connection.receive(b"".join(received)))


def taken(connection: Connection) -> list[Frame]:
    """The frames that the connection wants written."""
    return frames(connection.take())


def ends(written: Iterable[Frame]) -> Iterator[tuple[str, int, int]]:
    """Every way in which a stream or the connection ended: what, the stream, and the code."""
    for one in written:
        if one.kind == RST_STREAM:
            yield "reset", one.stream, int.from_bytes(one.payload, "big")
        elif one.kind == GOAWAY:
            yield "goaway", int.from_bytes(one.payload[:4], "big"), one.payload[7]
        elif one.kind == HEADERS and one.flags & END_STREAM:
            said = fields(one.payload)
            yield "status", one.stream, int(said.get("grpc-status", said.get(":status", "")))
