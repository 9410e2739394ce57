"""Header blocks from HEADERS and the CONTINUATIONs that follow: RFC 9113, sections 4.3, 6.2, 6.10.

The frames of one block come together: nothing may stand between them, so one block is held at most
and its length is bounded before it is whole.
"""

from typing import NamedTuple

from extproc.native.errors import ConnectionFault, ErrorCode
from extproc.native.frames import END_HEADERS, END_STREAM, Frame, content


class Block(NamedTuple):
    """A whole header block; `last` is END_STREAM."""

    stream: int
    last: bool
    data: bytes


class Assembly:
    """Gathers one block at a time."""

    __slots__ = ("_last", "_limit", "_parts", "_size", "_stream")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self._stream = 0
        self._last = False

    def begin(self, frame: Frame) -> None:
        """HEADERS that are not the whole block."""
        self._stream = frame.stream
        self._last = bool(frame.flags & END_STREAM)
        self._add(content(frame))

    def resume(self, frame: Frame) -> Block | None:
        """One CONTINUATION; the block, where it was the last. ConnectionFault where none was due,
        or where the block is longer than any that is served (10.5.1).
        """
        if not self._parts or frame.stream != self._stream:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "CONTINUATION of nothing")
        self._add(frame.payload)
        if not frame.flags & END_HEADERS:
            return None
        block = Block(self._stream, self._last, b"".join(self._parts))
        self._parts, self._size = [], 0
        return block

    def _add(self, part: bytes) -> None:
        self._parts.append(part)
        self._size += len(part)
        # An empty part costs as much as a short one, so it counts as one.
        if self._size + len(self._parts) > self._limit:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, "a header block is too long")
