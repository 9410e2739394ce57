"""Credit for what the peer sends: RFC 9113, sections 5.2 and 6.9.

All that comes is read into bounded memory at once, so credit is given back as soon as half of it
is used, which is one WINDOW_UPDATE for many frames and none for most streams.
"""

from extproc.native.errors import ConnectionFault, ErrorCode, StreamFault


class Intake:
    """The window of one stream, or with `stream` 0 of the connection."""

    __slots__ = ("_left", "_low", "_size", "_stream")

    def __init__(self, stream: int, size: int) -> None:
        self._stream = stream
        self._size = self._left = size
        self._low = size // 2

    def take(self, size: int) -> int:
        """So much came, padding included (6.9.1); the increment to give back now, or 0.

        A fault where the peer had no credit for it: of the stream, or of the connection.
        """
        self._left -= size
        if self._left >= self._low:
            return 0
        if self._left < 0:
            if self._stream:
                raise StreamFault(self._stream, ErrorCode.FLOW_CONTROL_ERROR)
            raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "more came than was allowed")
        increment, self._left = self._size - self._left, self._size
        return increment
