"""A bound on frames that cost us and serve nobody: RFC 9113, section 10.5.

Resets of streams that were not answered, pings, settings, empty DATA, priorities and frames of an
unknown kind are all lawful, and each is a way to keep a server busy.
"""

from collections.abc import Callable

from extproc.native.errors import ConnectionFault, ErrorCode


class Patience:
    """Bears `burst` such frames at once and `per_second` for good. The clock gives seconds."""

    __slots__ = ("_at", "_burst", "_clock", "_left", "_per_second")

    def __init__(self, burst: int, per_second: int, clock: Callable[[], float]) -> None:
        self._burst = burst
        self._per_second = per_second
        self._clock = clock
        self._left = float(burst)
        self._at = clock()

    def spend(self, cost: int = 1) -> None:
        """One more, or one that costs as much as so many; ConnectionFault where it is too much."""
        self._left -= cost
        if self._left >= 0:
            return
        now = self._clock()
        regained = (now - self._at) * self._per_second
        self._left, self._at = min(self._left + regained, self._burst - cost), now
        if self._left < 0:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, "too many frames without use")
