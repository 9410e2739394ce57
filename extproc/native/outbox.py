"""What goes to the peer: at once, or when it has given credit (RFC 9113, sections 5.2 and 6.9)."""

from collections import OrderedDict
from collections.abc import Iterable
from struct import Struct
from typing import Final

from extproc.native import replies
from extproc.native.errors import ConnectionFault, ErrorCode, StreamFault
from extproc.native.frames import END_HEADERS, END_STREAM, HEADER, MAX_FRAME, Kind, encode
from extproc.native.limits import MESSAGE_PREFIX
from extproc.native.messages import prefixed
from extproc.native.settings import DEFAULT_WINDOW, MAX_WINDOW
from extproc.native.stream import Stream

_BEGIN: Final = encode(Kind.HEADERS, END_HEADERS, 0, replies.RESPONSE)[: HEADER - 4]
_OK: Final = encode(Kind.HEADERS, END_HEADERS | END_STREAM, 0, replies.OK)[: HEADER - 4]
"""What stands before the stream's number in the two frames of every call."""
_DATA: Final = Struct(">BHBBLBL")
"""A frame's header, and the prefix of the one message in it."""


class Outbox:
    """What is to be written: whole frames in order, and answers that wait for credit.

    `unsent` counts the bytes that wait; `window` is what the peer allows each new stream. Streams
    with credit of their own stand in line for the connection's, so that credit costs what is
    written for it, however many others wait.
    """

    __slots__ = ("_credit", "_frames", "_line", "unsent", "window")

    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._credit = DEFAULT_WINDOW
        self.window = DEFAULT_WINDOW
        self._line: OrderedDict[int, Stream] = OrderedDict()
        self.unsent = 0

    def put(self, frame: bytes) -> None:
        """A frame that needs no credit (5.2.1)."""
        self._frames.append(frame)

    def take(self) -> bytes:
        """All that may be written now, in one piece."""
        if not self._frames:
            return b""
        written = b"".join(self._frames)
        self._frames.clear()
        return written

    def message(self, stream: Stream, message: bytes) -> None:
        """One answer, now or when there is credit."""
        number = stream.id
        if not stream.begun:
            stream.begun = True
            self._frames.append(_BEGIN + number.to_bytes(4, "big") + replies.RESPONSE)
        length = len(message)
        size = length + MESSAGE_PREFIX
        if stream.unsent or size > stream.credit or size > self._credit or size > MAX_FRAME:
            self._delay(stream, prefixed(message))
            return
        stream.credit -= size
        self._credit -= size
        self._frames.append(_DATA.pack(0, size, Kind.DATA, 0, number, 0, length) + message)

    def end(self, stream: Stream, block: bytes) -> None:
        """The trailers, after all that waits; the stream is `ended` once they are written."""
        stream.trailers = block
        if not stream.unsent:
            self._end(stream)

    def drop(self, stream: Stream) -> None:
        """Forget what waits on a stream that is over."""
        self.unsent -= len(stream.unsent)
        self._line.pop(stream.id, None)

    def resize(self, window: int, streams: Iterable[Stream]) -> None:
        """Another initial window also moves those of all streams, below zero even (6.9.2)."""
        change = window - self.window
        self.window = window
        for stream in streams:
            stream.credit += change
            if stream.credit > MAX_WINDOW:
                raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "a window is too wide")
            self._join(stream)

    def grant(self, stream: Stream | None, increment: int) -> None:
        """More credit for a stream, or with None for the connection (6.9.1)."""
        if stream is None:
            self._credit += increment
            if self._credit > MAX_WINDOW:
                raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "the window is too wide")
            return
        stream.credit += increment
        if stream.credit > MAX_WINDOW:
            raise StreamFault(stream.id, ErrorCode.FLOW_CONTROL_ERROR)
        self._join(stream)

    def resume(self) -> list[Stream]:
        """Write what waited and now has credit, a frame of each stream in turn; the streams that
        have ended by it.
        """
        ended = []
        while self._line and self._credit:
            _, stream = self._line.popitem(last=False)
            self._send_frame(stream)
            self._join(stream)
            if stream.ended:
                ended.append(stream)
        return ended

    def _delay(self, stream: Stream, data: bytes) -> None:
        stream.unsent += data
        self.unsent += len(data)
        while self._send_frame(stream):
            pass
        self._join(stream)

    def _join(self, stream: Stream) -> None:
        """Into line, at its end, where something waits that the stream's own credit allows."""
        if stream.unsent and stream.credit > 0:
            self._line[stream.id] = stream

    def _send_frame(self, stream: Stream) -> bool:
        """One frame of what waits, as long as credit allows; whether there was any."""
        size = min(len(stream.unsent), stream.credit, self._credit, MAX_FRAME)
        if size <= 0:
            return False
        self.put(encode(Kind.DATA, 0, stream.id, bytes(stream.unsent[:size])))
        del stream.unsent[:size]
        stream.credit -= size
        self._credit -= size
        self.unsent -= size
        if not stream.unsent and stream.trailers is not None:
            self._end(stream)
        return True

    def _end(self, stream: Stream) -> None:
        block = stream.trailers or b""
        stream.ended = True
        if not stream.begun:
            block = replies.RESPONSE + block
        elif block is replies.OK:
            self._frames.append(_OK + stream.id.to_bytes(4, "big") + block)
            return
        self.put(encode(Kind.HEADERS, END_HEADERS | END_STREAM, stream.id, block))
