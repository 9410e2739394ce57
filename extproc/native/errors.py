"""What can be wrong, and with what: a connection or one stream of it (RFC 9113, 5.4 and 7).

ConnectionFault   the connection ends with GOAWAY         5.4.1
StreamFault       one stream ends with RST_STREAM         5.4.2
CallFault         one call ends with a gRPC status        gRPC over HTTP/2
"""

import enum
from typing import final

from extproc.errors import TiergateError


@final
@enum.unique
class ErrorCode(enum.IntEnum):
    """RFC 9113, section 7, as far as a server says them."""

    NO_ERROR = 0x0
    PROTOCOL_ERROR = 0x1
    INTERNAL_ERROR = 0x2
    FLOW_CONTROL_ERROR = 0x3
    SETTINGS_TIMEOUT = 0x4
    STREAM_CLOSED = 0x5
    FRAME_SIZE_ERROR = 0x6
    REFUSED_STREAM = 0x7
    CANCEL = 0x8
    COMPRESSION_ERROR = 0x9
    ENHANCE_YOUR_CALM = 0xB


@final
@enum.unique
class Status(enum.IntEnum):
    """The gRPC statuses that the server says of its own accord."""

    OK = 0
    UNKNOWN = 2
    RESOURCE_EXHAUSTED = 8
    UNIMPLEMENTED = 12
    INTERNAL = 13


class ConnectionFault(TiergateError):
    """Raised where the peer's bytes leave nothing to go on with."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class StreamFault(TiergateError):
    """Raised where one stream broke the protocol and the others did not."""

    def __init__(self, stream: int, code: ErrorCode) -> None:
        super().__init__(f"stream {stream}: {code.name}")
        self.stream = stream
        self.code = code


class CallFault(TiergateError):
    """Raised where HTTP/2 was kept but the call cannot be served."""

    def __init__(self, status: Status, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
