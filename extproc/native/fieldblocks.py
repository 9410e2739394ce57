"""Header blocks: RFC 9113, sections 4.3, 8.2, 8.3 and 10.5.1; RFC 7541 by the library `hpack`.

The server promises a header table of no bytes (`settings`). Once the client has agreed, a block
says the same whenever it comes, so a block that was read is remembered: Envoy's is the same for
each stream, and is looked up instead of decoded.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import hpack

from extproc.native import replies
from extproc.native.errors import ConnectionFault, ErrorCode, StreamFault

PATH: Final = b"/envoy.service.ext_proc.v3.ExternalProcessor/Process"
_NAME: Final = re.compile(rb":?[^\x00-\x20A-Z:\x7f-\xff]+")
_VALUE: Final = re.compile(rb"(?![ \t])[^\x00\r\n]*(?<![ \t])")
_CONTENT_TYPE: Final = re.compile(rb"application/grpc(\+proto)?(;.*)?", re.IGNORECASE)
_DIGITS: Final = re.compile(rb"[0-9]{1,18}")
_REQUIRED: Final = frozenset({b":method", b":scheme", b":path"})
_PSEUDO: Final = _REQUIRED | {b":authority"}
_OF_CONNECTIONS: Final = frozenset(
    {b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade"}
)
_KNOWN: Final = 64
_KNOWN_LENGTH: Final = 1024

Field = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a request's headers come to.

    `refusal` is the header block that answers it at once, or None where it is served; `length` is
    its content-length, where it has one (8.1.1).
    """

    refusal: bytes | None = None
    length: int | None = None


class BlockReader:
    """The decoding context of one connection (4.3). A block over `limit` bytes ends it (10.5.1)."""

    __slots__ = ("_decoder", "_known")

    def __init__(self, limit: int) -> None:
        self._decoder = hpack.Decoder(max_header_list_size=limit)
        self._known: dict[bytes, Opening] = {}

    def agreed(self) -> None:
        """The client has acknowledged a table of no bytes."""
        self._decoder.max_allowed_table_size = 0

    def opening(self, stream: int, block: bytes) -> Opening:
        """A request's headers; StreamFault where they are malformed (8.1.1)."""
        known = self._known.get(block)
        if known is not None:
            return known
        opening = _judged(self._decoded(block))
        if opening is None:
            raise StreamFault(stream, ErrorCode.PROTOCOL_ERROR)
        if self._decoder.max_allowed_table_size == 0 and len(block) <= _KNOWN_LENGTH:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[block] = opening
        return opening

    def trailers(self, stream: int, block: bytes) -> None:
        """A request's trailers, which say nothing here; StreamFault where they are malformed."""
        fields = self._decoded(block)
        if not _well_formed(fields) or any(name.startswith(b":") for name, _ in fields):
            raise StreamFault(stream, ErrorCode.PROTOCOL_ERROR)

    def skip(self, block: bytes) -> None:
        """A block of a stream that is over: it may still change the table (4.3)."""
        self._decoded(block)

    def _decoded(self, block: bytes) -> list[Field]:
        try:
            return [(name, value) for name, value in self._decoder.decode(block, raw=True)]
        except hpack.OversizedHeaderListError as error:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, "too many headers") from error
        except hpack.HPACKError as error:
            raise ConnectionFault(ErrorCode.COMPRESSION_ERROR, "a bad header block") from error


def _judged(fields: Iterable[Field]) -> Opening | None:
    """None where the request is malformed."""
    fields = list(fields)
    said = dict(fields)
    pseudo = [name for name, _ in fields if name.startswith(b":")]
    if (
        not _well_formed(fields)
        or not _REQUIRED <= set(pseudo) <= _PSEUDO
        or len(set(pseudo)) < len(pseudo)
        or any(name.startswith(b":") for name, _ in fields[len(pseudo) :])
    ):
        return None
    length = said.get(b"content-length")
    if length is None:
        return Opening(refusal=_refusal(said))
    if not _DIGITS.fullmatch(length):
        return None
    return Opening(refusal=_refusal(said), length=int(length))


def _refusal(said: dict[bytes, bytes]) -> bytes | None:
    """The answer that gRPC has for what is no call of our method."""
    if said[b":method"] != b"POST":
        return replies.http(HTTPStatus.METHOD_NOT_ALLOWED)
    if not _CONTENT_TYPE.fullmatch(said.get(b"content-type", b"")):
        return replies.http(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if said[b":path"] != PATH:
        return replies.UNKNOWN_METHOD
    return None


def _well_formed(fields: Iterable[Field]) -> bool:
    """Sections 8.2.1 and 8.2.2."""
    return all(
        _NAME.fullmatch(name)
        and _VALUE.fullmatch(value)
        and name not in _OF_CONNECTIONS
        and (name != b"te" or value == b"trailers")
        for name, value in fields
    )
