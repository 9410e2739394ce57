"""Tests of extproc.native.flow: RFC 9113, sections 5.2 and 6.9."""

import pytest
from hypothesis import given, strategies as st

from extproc.native.errors import ConnectionFault, ErrorCode, StreamFault
from extproc.native.flow import Intake


def test_credit_is_given_back_when_half_is_used() -> None:
    """One WINDOW_UPDATE for many frames."""
    intake = Intake(1, 100)

    assert [0, 0, 60, 0] == [intake.take(size) for size in (30, 20, 10, 50)]


@given(st.lists(st.integers(0, 100), max_size=60))
def test_a_peer_that_keeps_within_its_credit_is_never_refused(sizes: list[int]) -> None:
    """What it may send is its window, less what it sent, plus what it was given."""
    intake, allowed = Intake(1, 100), 100
    for size in sizes:
        size = min(size, allowed)  # noqa: PLW2901 - an honest peer
        allowed += intake.take(size) - size
        assert allowed >= 50


def test_a_stream_without_credit_ends_alone() -> None:
    """6.9.1: a stream error."""
    with pytest.raises(StreamFault) as caught:
        Intake(3, 100).take(101)

    assert (3, ErrorCode.FLOW_CONTROL_ERROR) == (caught.value.stream, caught.value.code)


def test_a_connection_without_credit_ends() -> None:
    """6.9.1: a connection error."""
    with pytest.raises(ConnectionFault) as caught:
        Intake(0, 100).take(101)

    assert ErrorCode.FLOW_CONTROL_ERROR is caught.value.code
