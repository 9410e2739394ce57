"""Header blocks of answers: constants, never indexed, so that no table has to be kept (RFC 7541).

A call that is served gets RESPONSE, its messages and trailers; one that is not gets trailers alone
("Trailers-Only"), or the HTTP status that gRPC names for a request that is no gRPC at all.
"""

from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from extproc.native.errors import Status

_STATUS_200: Final = b"\x88"  # RFC 7541, appendix A: 8
_STATUS: Final = b"\x08"  # the name of 8, with another value
_CONTENT_TYPE: Final = b"\x0f\x10"  # the name of 31
_LITERAL: Final = b"\x00"
_LONGEST: Final = 126
"""A string's length then fits the one byte that is written for it: RFC 7541, section 5.1."""
_SAFE: Final = " !\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~"


def _text(value: str) -> bytes:
    return len(value).to_bytes(1, "big") + value.encode("ascii")


def _field(name: str, value: str) -> bytes:
    return _LITERAL + _text(name) + _text(value)


RESPONSE: Final = _STATUS_200 + _CONTENT_TYPE + _text("application/grpc")
"""What stands before the first message: `:status` and `content-type`."""


def trailers(status: Status, message: str = "") -> bytes:
    """How a call ended. `message` is percent-encoded, and cut to what one byte can count."""
    said = _field("grpc-status", str(int(status)))
    if status is Status.UNIMPLEMENTED:
        said += _field("grpc-accept-encoding", "identity")
    if message:
        said += _field("grpc-message", quote(message, safe=_SAFE)[:_LONGEST])
    return said


OK: Final = trailers(Status.OK)
UNKNOWN_METHOD: Final = RESPONSE + trailers(Status.UNIMPLEMENTED, "no such method")
"""The whole answer to any path but the one."""


def http(status: HTTPStatus) -> bytes:
    """The whole answer to a request that is no gRPC call."""
    return _STATUS + _text(str(status.value))
