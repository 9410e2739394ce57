"""What is left, in OpenAI's headers: `x-ratelimit-remaining-requests: 59`, `…-reset-…: 6m0s`."""

from collections.abc import Mapping
from math import ceil
from typing import Final

from extproc.headers import RATE_LIMITS
from extproc.tenancy.admission import Admission

_MINUTE_MS: Final = 60_000
_SECOND_MS: Final = 1_000


def left(said: Admission, *, requests: int, tokens: int) -> Mapping[str, str]:
    """Headers for the limits that there are: of `requests` and of `tokens` a minute, or 0."""
    values: list[str | None] = [None] * len(RATE_LIMITS)
    if requests:
        values[:3] = str(requests), str(said.requests), duration(said.requests_ms)
    if tokens:
        values[3:] = str(tokens), str(said.tokens), duration(said.tokens_ms)
    pairs = zip(RATE_LIMITS, values, strict=True)
    return {name: value for name, value in pairs if value is not None}


def duration(ms: int) -> str:
    """Go's way to write a duration, which is OpenAI's: `120ms`, `1.5s`, `6m0s`."""
    if ms < _SECOND_MS:
        return f"{ms}ms"
    minutes, rest = divmod(ms, _MINUTE_MS)
    seconds = f"{rest / _SECOND_MS:.3f}".rstrip("0").rstrip(".")
    return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"


def retry_after(ms: int) -> str:
    """Whole seconds, and at least one."""
    return str(max(1, ceil(ms / _SECOND_MS)))
