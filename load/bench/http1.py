"""As much of HTTP/1.1 (RFC 9112) as a load generator and a stand-in need. Bytes in, facts out.

One message at a time on a connection: neither side pipelines.
"""

import re
from typing import Final

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_END_OF_HEAD: Final = b"\r\n\r\n"
_LAST_CHUNK: Final = b"0\r\n\r\n"


class Framing:
    """Where a message ends. ValueError for one that neither says its length nor is chunked."""

    __slots__ = ("_missing", "_tail", "head")

    def __init__(self) -> None:
        self.head = b""
        self._missing: int | None = None
        self._tail = b""

    def feed(self, data: bytes) -> bool:
        """Whether the message is complete with `data`; the next one begins after a `reset`."""
        if self._missing is not None:
            self._missing -= len(data)
            return self._missing <= 0
        if self._tail:
            self._tail = (self._tail + data)[-len(_LAST_CHUNK) :]
            return self._tail == _LAST_CHUNK
        return self._begin(data)

    def reset(self) -> None:
        """Ready for another message on the same connection."""
        self.head = b""
        self._missing = None
        self._tail = b""

    def _begin(self, data: bytes) -> bool:
        """Still in the head: `head` keeps all that came so far, the body's beginning included."""
        self.head += data
        end = self.head.find(_END_OF_HEAD)
        if end < 0:
            return False
        length = _LENGTH.search(self.head, 0, end)
        body = len(self.head) - end - len(_END_OF_HEAD)
        if length is not None:
            self._missing = int(length[1]) - body
            return self._missing <= 0
        if _CHUNKED.search(self.head, 0, end) is None:
            if self.head.startswith((b"GET ", b"HEAD ")):
                return True
            raise ValueError(f"neither length nor chunks: {self.head[:end]!r}")
        self._tail = self.head[-len(_LAST_CHUNK) :]
        return self._tail == _LAST_CHUNK


def post(path: str, body: bytes, *, host: str = "127.0.0.1", **headers: str) -> bytes:
    """A request with a JSON body."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = (
        f"POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n{more}\r\n"
    )
    return head.encode() + body


def answer(body: bytes, content_type: str) -> bytes:
    """A 200 of known length."""
    return _head(content_type) + b"content-length: %d\r\n\r\n" % len(body) + body


def chunked(pieces: list[bytes], content_type: str) -> bytes:
    """A 200 in a chunk for each piece."""
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return _head(content_type) + b"transfer-encoding: chunked\r\n\r\n" + chunks + _LAST_CHUNK


def _head(content_type: str) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\n" % content_type.encode()
