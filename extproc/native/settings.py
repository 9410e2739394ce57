"""SETTINGS: RFC 9113, section 6.5."""

import enum
from struct import Struct
from typing import Final, final

from extproc.native.errors import ConnectionFault, ErrorCode
from extproc.native.frames import MAX_FRAME, Kind, encode, window_update
from extproc.native.limits import Limits

MAX_WINDOW: Final = (1 << 31) - 1
DEFAULT_WINDOW: Final = 65_535
"""What both sides begin with: section 6.9.2."""
_LONGEST_FRAME: Final = (1 << 24) - 1
_ENTRY: Final = Struct(">HL")


@final
@enum.unique
class Setting(enum.IntEnum):
    """Section 6.5.2."""

    HEADER_TABLE_SIZE = 1
    ENABLE_PUSH = 2
    MAX_CONCURRENT_STREAMS = 3
    INITIAL_WINDOW_SIZE = 4
    MAX_FRAME_SIZE = 5
    MAX_HEADER_LIST_SIZE = 6


def greeting(limits: Limits) -> bytes:
    """The server's preface (3.4): its settings, and the connection's window opened wide.

    A table of no bytes makes each header block a value of its own: equal blocks mean equal
    headers, so a block that was read once is known (`fieldblocks`).
    """
    said = {
        Setting.HEADER_TABLE_SIZE: 0,
        Setting.MAX_CONCURRENT_STREAMS: limits.streams,
        Setting.INITIAL_WINDOW_SIZE: limits.stream_window,
        Setting.MAX_HEADER_LIST_SIZE: limits.block,
    }
    payload = b"".join(_ENTRY.pack(setting, value) for setting, value in said.items())
    return encode(Kind.SETTINGS, 0, 0, payload) + window_update(0, limits.window - DEFAULT_WINDOW)


def initial_window(payload: bytes, current: int) -> int:
    """INITIAL_WINDOW_SIZE as `payload` leaves it; ConnectionFault where any value is out of range.

    The others mean nothing to a server that pushes nothing, indexes no header and sends no frame
    above the smallest bound; unknown ones are ignored (6.5.2).
    """
    if len(payload) % _ENTRY.size:
        raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "SETTINGS hold a piece of a setting")
    for setting, value in _ENTRY.iter_unpack(payload):
        if setting == Setting.ENABLE_PUSH and value > 1:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "ENABLE_PUSH is neither 0 nor 1")
        if setting == Setting.MAX_FRAME_SIZE and not MAX_FRAME <= value <= _LONGEST_FRAME:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "MAX_FRAME_SIZE is out of range")
        if setting == Setting.INITIAL_WINDOW_SIZE:
            if value > MAX_WINDOW:
                raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "the window is too wide")
            current = value
    return current
