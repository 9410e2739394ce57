"""Faults that a test or an operator switches on: what goes wrong, for how many requests."""

import random
from typing import Final, Literal

import msgspec

_HTTP_ERRORS: Final = range(400, 600)


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What goes wrong; the fields combine, `delay_seconds` comes first.

    `status` answers with that error (with `retry_after` seconds if given), `garbage` with 200 and a
    body that is not JSON, `hang` not at all. `reset` closes the connection with a TCP reset: before
    the response, or in the middle of it (after `after_tokens` events of a stream). Each affects a
    request of the model's APIs with `probability`, and at most `count` of them.
    `metrics_status` and `health_status` hold for those two endpoints until the fault is cleared.
    """

    status: int | None = None
    retry_after: int | None = None
    delay_seconds: float = 0.0
    hang: bool = False
    garbage: bool = False
    reset: Literal["before_headers", "mid_stream"] | None = None
    after_tokens: int = 1
    probability: float = 1.0
    count: int | None = None
    metrics_status: int | None = None
    health_status: int | None = None

    def __post_init__(self) -> None:
        for status in (self.status, self.metrics_status, self.health_status):
            if status is not None and status not in _HTTP_ERRORS:
                raise ValueError(f"a status must be in 400-599, not {status}")
        if not 0 <= self.probability <= 1:
            raise ValueError("probability must be in [0, 1]")
        if self.delay_seconds < 0 or self.after_tokens < 0:
            raise ValueError("delay_seconds and after_tokens must not be negative")
        if self.count is not None and self.count < 1:
            raise ValueError("count must be above 0")


NONE: Final = Fault()


class Faults:
    """The fault in force, if any; chance is repeatable by `seed`."""

    def __init__(self, *, seed: int) -> None:
        self._fault = NONE
        self._left: int | None = None
        self._random = random.Random(seed)  # noqa: S311

    @property
    def current(self) -> Fault:
        """The fault in force, `count` being the requests that it will still affect."""
        return msgspec.structs.replace(self._fault, count=self._left)

    def set(self, fault: Fault) -> None:
        """Replace the fault in force."""
        self._fault = fault
        self._left = fault.count

    def clear(self) -> None:
        """Let everything work again."""
        self.set(NONE)

    def draw(self) -> Fault:
        """The fault for one request of the model's APIs; the last of `count` clears it."""
        fault = self._fault
        if fault is NONE or self._random.random() >= fault.probability:
            return NONE
        if self._left is not None:
            self._left -= 1
            if self._left == 0:
                self.clear()
        return fault
