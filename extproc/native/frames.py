"""Frames: RFC 9113, sections 4.1 and 4.2, and the layouts of section 6.

What a frame may hold is checked here; what it means is `connection`'s business.
"""

import enum
from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple, final

from extproc.native.errors import ConnectionFault, ErrorCode, StreamFault

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What a client begins with: section 3.4."""
HEADER: Final = 9
MAX_FRAME: Final = 1 << 14
"""The longest payload either side sends: the smallest bound that section 4.2 allows to set."""
STREAM_MASK: Final = 0x7FFF_FFFF
_HEADER: Final = Struct(">BHBBL")
_TAIL: Final = Struct(">BBL")
_TOO_LONG: Final = "a frame is too long"
_WORD: Final = Struct(">L")
_PRIORITY: Final = 5


@final
@enum.unique
class Kind(enum.IntEnum):
    """Section 6, in the order of its sections."""

    DATA = 0
    HEADERS = 1
    PRIORITY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PUSH_PROMISE = 5
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


END_STREAM: Final = 0x1
ACK: Final = 0x1
END_HEADERS: Final = 0x4
PADDED: Final = 0x8
PRIORITISED: Final = 0x20


class Frame(NamedTuple):
    """One frame as it came. `kind` may be one that the RFC does not know."""

    kind: int
    flags: int
    stream: int
    payload: bytes


class FrameReader:
    """Cuts a byte stream into frames, however it was split (section 4.1).

    At most one frame is held back. Its bytes are joined once, when the last has come.
    """

    __slots__ = ("_held", "_missing")

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._missing = 0

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that `data` completes; ConnectionFault where one is too long (4.2)."""
        start, end = 0, len(data)
        while self._held:
            cut = start + self._missing
            if cut > end:
                self._hold(data[start:], cut - end)
                return
            head = b"".join((*self._held, data[start:cut]))
            start = cut
            self._held.clear()
            missing = HEADER + _length(head) - len(head)
            if missing:
                self._hold(head, missing)
            else:
                kind, flags, stream = _TAIL.unpack_from(head, 3)
                yield Frame(kind, flags, stream & STREAM_MASK, head[HEADER:])
        unpack, make = _HEADER.unpack_from, tuple.__new__  # what Frame() comes to, by a longer way
        while end - start >= HEADER:
            high, low, kind, flags, stream = unpack(data, start)
            begin = start + HEADER
            stop = begin + (high << 16 | low)
            if stop - begin > MAX_FRAME:
                raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, _TOO_LONG)
            if stop > end:
                self._hold(data[start:], stop - end)
                return
            yield make(Frame, (kind, flags, stream & STREAM_MASK, data[begin:stop]))
            start = stop
        if start < end:
            self._hold(data[start:], start + HEADER - end)

    def _hold(self, rest: bytes, missing: int) -> None:
        self._held.append(rest)
        self._missing = missing


def _length(data: bytes) -> int:
    length = int.from_bytes(data[:3], "big")
    if length > MAX_FRAME:
        raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, _TOO_LONG)
    return length


def content(frame: Frame) -> bytes:
    """The payload of DATA or HEADERS without padding and priority (6.1, 6.2).

    ConnectionFault where the padding is longer than what is left for it.
    """
    payload, start, stop = frame.payload, 0, len(frame.payload)
    if not frame.flags & (PADDED | PRIORITISED):
        return payload
    if frame.flags & PADDED:
        if not payload:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "no room for the padding's length")
        start, stop = 1, stop - payload[0]
    if frame.kind == Kind.HEADERS and frame.flags & PRIORITISED:
        start += _PRIORITY
    if start > stop:
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "padding is longer than the payload")
    return payload[start:stop]


def check_length(frame: Frame, length: int) -> None:
    """ConnectionFault where a frame of fixed length has another one (6.4, 6.7, 6.9)."""
    if len(frame.payload) != length:
        raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "a frame of fixed length has another")


def check_priority(frame: Frame) -> None:
    """Priorities are deprecated and ignored (5.3.2); their length still counts (6.3)."""
    if len(frame.payload) != _PRIORITY:
        raise StreamFault(frame.stream, ErrorCode.FRAME_SIZE_ERROR)


def word(payload: bytes, start: int = 0) -> int:
    """A number of four bytes whose first bit is reserved (6.8, 6.9)."""
    number: int = _WORD.unpack_from(payload, start)[0]
    return number & STREAM_MASK


def encode(kind: Kind, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """Any frame (4.1)."""
    length = len(payload)
    return _HEADER.pack(length >> 16, length & 0xFFFF, kind, flags, stream) + payload


def window_update(stream: int, increment: int) -> bytes:
    """Credit for a stream, or with 0 for the connection (6.9)."""
    return encode(Kind.WINDOW_UPDATE, 0, stream, _WORD.pack(increment))


def rst_stream(stream: int, code: ErrorCode) -> bytes:
    """The end of one stream (6.4)."""
    return encode(Kind.RST_STREAM, 0, stream, _WORD.pack(code))


def goaway(last: int, code: ErrorCode, message: str = "") -> bytes:
    """The end of the connection; streams above `last` were not served (6.8)."""
    return encode(Kind.GOAWAY, 0, 0, _WORD.pack(last) + _WORD.pack(code) + message.encode())
