"""Length-prefixed messages, as gRPC puts them into the DATA of a stream.

1 byte    1 where the message is compressed, which this server refuses
4 bytes   the message's length
"""

from typing import Final

from extproc.native.errors import CallFault, Status
from extproc.native.limits import MESSAGE_PREFIX

_UNCOMPRESSED: Final = 0
_COMPRESSED: Final = 1
_SHORT: Final = 1024


class MessageReader:
    """Cuts one stream's bytes into messages, however they were split.

    `held` is how many bytes of an unfinished message wait here; they are joined once.
    """

    __slots__ = ("_limit", "_longest", "_missing", "_parts", "_prefix", "held")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._longest = limit + MESSAGE_PREFIX
        self._parts: list[bytes | bytearray] = []
        self._missing = 0
        self._prefix = b""
        self.held = 0

    @property
    def partial(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._missing or self._prefix)

    def feed(self, piece: bytes) -> list[bytes]:
        """The messages that `piece` completes.

        CallFault where one is compressed or too long, said before its bytes are awaited.
        """
        if not self._missing and not self._prefix and piece[:1] == b"\0":
            length = int.from_bytes(piece[1:MESSAGE_PREFIX], "big")
            if len(piece) == MESSAGE_PREFIX + length <= self._longest:
                return [piece[MESSAGE_PREFIX:]]  # the usual case: one message, whole
        found: list[bytes] = []
        if self._missing:
            if len(piece) < self._missing:
                self._hold(piece)
                return found
            cut = self._missing
            self._parts.append(piece[:cut])
            found.append(b"".join(self._parts))
            self._parts, self._missing, self.held = [], 0, 0
            piece = piece[cut:]
        return self._cut(self._prefix + piece if self._prefix else piece, found)

    def _cut(self, data: bytes, found: list[bytes]) -> list[bytes]:
        start, end = 0, len(data)
        while end - start >= MESSAGE_PREFIX:
            begin = start + MESSAGE_PREFIX
            start = begin + self._length(data, start)
            if start > end:
                self._prefix, self._missing = b"", start - begin
                self._hold(data[begin:])
                return found
            found.append(data[begin:start])
        self._prefix = data[start:]
        return found

    def _hold(self, part: bytes) -> None:
        """Short parts go into one buffer, or each would cost more memory than it holds."""
        if len(part) < _SHORT:
            if not self._parts or not isinstance(self._parts[-1], bytearray):
                self._parts.append(bytearray())
            self._parts[-1] += part
        else:
            self._parts.append(part)
        self._missing -= len(part)
        self.held += len(part)

    def _length(self, data: bytes, start: int) -> int:
        flag = data[start]
        if flag == _COMPRESSED:
            raise CallFault(Status.UNIMPLEMENTED, "compressed messages are not supported")
        if flag != _UNCOMPRESSED:
            raise CallFault(Status.INTERNAL, "a message's first byte is neither 0 nor 1")
        length = int.from_bytes(data[start + 1 : start + MESSAGE_PREFIX], "big")
        if length > self._limit:
            text = f"a message of {length} bytes is over the limit of {self._limit}"
            raise CallFault(Status.RESOURCE_EXHAUSTED, text)
        return length


def prefixed(message: bytes) -> bytes:
    """A message as it goes on the wire."""
    return b"\0" + len(message).to_bytes(4, "big") + message
