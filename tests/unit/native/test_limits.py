"""Tests of extproc.native.limits."""

import pytest

from extproc.native.limits import Limits


@pytest.mark.parametrize(("message", "expected"), [(1 << 20, (1 << 20) + 5), (10, 65_535)])
def test_a_stream_has_room_for_one_message(message: int, expected: int) -> None:
    """And never less than the window that a client begins with, which it may use before it has
    read anything of ours.
    """
    assert expected == Limits(message=message).stream_window
