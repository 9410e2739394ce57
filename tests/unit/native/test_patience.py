"""Tests of extproc.native.patience: RFC 9113, section 10.5."""

import pytest

from extproc.native.errors import ConnectionFault, ErrorCode
from extproc.native.patience import Patience


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The seconds so far."""
        return self.now


def spend(patience: Patience, times: int) -> int:
    """How many were borne."""
    for borne in range(times):
        try:
            patience.spend()
        except ConnectionFault:
            return borne
    return times


def test_a_burst_is_borne_and_no_more() -> None:
    """One more ends the connection."""
    patience = Patience(5, 10, Clock())

    assert 5 == spend(patience, 9)


def test_patience_comes_back_with_time() -> None:
    """So many a second, for good."""
    clock = Clock()
    patience = Patience(5, 10, clock)
    spend(patience, 5)
    clock.now = 0.3

    assert 3 == spend(patience, 9)


def test_patience_never_grows_beyond_the_burst() -> None:
    """A connection that was quiet for a day has no right to a day's worth."""
    clock = Clock()
    patience = Patience(5, 10, clock)
    spend(patience, 5)
    clock.now = 86_400.0

    assert 5 == spend(patience, 99)


def test_what_costs_more_counts_for_more() -> None:
    """And comes back no faster."""
    clock = Clock()
    patience = Patience(10, 10, clock)
    patience.spend(8)
    assert 2 == spend(patience, 9)
    clock.now = 86_400.0
    patience.spend(9)

    assert 1 == spend(patience, 9)


def test_its_end_asks_for_calm() -> None:
    """10.5 names the code."""
    patience = Patience(0, 1, Clock())
    with pytest.raises(ConnectionFault) as caught:
        patience.spend()

    assert ErrorCode.ENHANCE_YOUR_CALM is caught.value.code
