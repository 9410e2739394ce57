"""Tests of extproc.native.settings: RFC 9113, section 6.5."""

import struct

import pytest
import wire

from extproc.native.errors import ConnectionFault, ErrorCode
from extproc.native.limits import Limits
from extproc.native.settings import greeting, initial_window

LIMITS = Limits(message=1 << 20, streams=7, block=8192, window=1 << 20)


def test_the_server_greets_with_its_bounds_and_a_wide_window() -> None:
    """3.4: its first frame is SETTINGS; a table of no bytes, room for a whole message."""
    said, widened = wire.frames(greeting(LIMITS))

    assert (wire.SETTINGS, 0, 0) == said[:3]
    assert {1: 0, 3: 7, 4: (1 << 20) + 5, 6: 8192} == dict(struct.iter_unpack(">HL", said.payload))
    assert (wire.WINDOW_UPDATE, 0, 0, wire.word((1 << 20) - 65_535)) == widened


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ((), 65_535),
        (((4, 0),), 0),
        (((4, 2**31 - 1),), 2**31 - 1),
        (((4, 1), (4, 2)), 2),
        (((1, 9), (2, 0), (2, 1), (3, 0), (5, 16384), (5, 2**24 - 1), (6, 1), (77, 5)), 65_535),
    ],
)
def test_only_the_window_matters(pairs: tuple[tuple[int, int], ...], expected: int) -> None:
    """6.5.2: values are taken in order, unknown settings ignored."""
    payload = wire.frames(wire.settings(*pairs))[0].payload

    assert expected == initial_window(payload, 65_535)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (bytes(5), ErrorCode.FRAME_SIZE_ERROR),
        (struct.pack(">HL", 2, 2), ErrorCode.PROTOCOL_ERROR),
        (struct.pack(">HL", 4, 2**31), ErrorCode.FLOW_CONTROL_ERROR),
        (struct.pack(">HL", 5, 16383), ErrorCode.PROTOCOL_ERROR),
        (struct.pack(">HL", 5, 2**24), ErrorCode.PROTOCOL_ERROR),
    ],
)
def test_a_value_out_of_range_ends_the_connection(payload: bytes, code: ErrorCode) -> None:
    """6.5 and 6.5.2."""
    with pytest.raises(ConnectionFault) as caught:
        initial_window(payload, 65_535)

    assert code is caught.value.code
