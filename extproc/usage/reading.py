"""Token counts in answers, read piece by piece: what Envoy's filters do, for where it has none.

The names on the left are those of the APIs, where they stand in a JSON answer or in an event of a
stream; of several events, the last counts. What is read is bounded: an answer over MAX_ANSWER or an
event over MAX_EVENT is passed over, and its usage is unknown.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct

MAX_ANSWER: Final = 999_999
MAX_EVENT: Final = 65_536
"""Bytes; Envoy's filters have the same bounds."""
_PATHS: Final = (
    (("usage", "prompt_tokens"), "prompt_tokens"),
    (("usage", "completion_tokens"), "completion_tokens"),
    (("usage", "prompt_tokens_details", "cached_tokens"), "cached_tokens"),
    (("usage", "completion_tokens_details", "reasoning_tokens"), "reasoning_tokens"),
    # /v1/messages
    (("message", "usage", "input_tokens"), "prompt_tokens"),
    (("usage", "cache_read_input_tokens"), "cache_read_tokens"),
    (("usage", "cache_creation_input_tokens"), "cache_created_tokens"),
    # /v1/responses; the first two also in /v1/messages
    (("usage", "input_tokens"), "prompt_tokens"),
    (("usage", "output_tokens"), "completion_tokens"),
    (("usage", "input_tokens_details", "cached_tokens"), "cached_tokens"),
    (("usage", "output_tokens_details", "reasoning_tokens"), "reasoning_tokens"),
    (("response", "usage", "input_tokens"), "prompt_tokens"),
    (("response", "usage", "output_tokens"), "completion_tokens"),
    (("response", "usage", "input_tokens_details", "cached_tokens"), "cached_tokens"),
    (("response", "usage", "output_tokens_details", "reasoning_tokens"), "reasoning_tokens"),
)


class _Top(Struct):
    """The parts of an answer that may hold usage; the rest is not even decoded."""

    usage: Any = None
    message: Any = None
    response: Any = None


_decode: Final = msgspec.json.Decoder(_Top).decode


class Reader(Protocol):
    """Reads one answer. `read` gives what a piece of it has made known, if anything."""

    def read(self, piece: bytes, *, last: bool) -> Mapping[str, float]:
        """Counts by their names in the metadata `tiergate.usage`."""


class Answer:
    """An answer in one JSON object, kept until it is whole."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def read(self, piece: bytes, *, last: bool) -> Mapping[str, float]:
        """All that there is, with the last piece."""
        self._size += len(piece)
        if self._size > MAX_ANSWER:
            self._pieces.clear()
            return {}
        self._pieces.append(piece)
        return counts(b"".join(self._pieces)) if last else {}


class Events:
    """A stream of server-sent events (WHATWG HTML, section 9.2), cut anywhere."""

    def __init__(self) -> None:
        self._line = b""
        self._data: list[bytes] = []
        self._size = 0

    def read(self, piece: bytes, *, last: bool) -> Mapping[str, float]:
        """What the events said that ended in this piece; one without its empty line is none."""
        del last
        known: dict[str, float] = {}
        *whole, rest = piece.split(b"\n")
        for part in whole:
            known.update(self._ended(self._line + part))
            self._line = b""
        self._keep(rest)
        return known

    def _keep(self, rest: bytes) -> None:
        """The beginning of a line; one that makes its event too long is passed over with it."""
        if self._size + len(self._line) + len(rest) <= MAX_EVENT:
            self._line += rest
        else:
            self._line, self._size = b"", MAX_EVENT + 1

    def _ended(self, line: bytes) -> Mapping[str, float]:
        line = line.removesuffix(b"\r")
        if not line:
            data, size = b"\n".join(self._data), self._size
            self._data, self._size = [], 0
            return counts(data) if size <= MAX_EVENT else {}
        self._size += len(line)
        if line.startswith(b"data:") and self._size <= MAX_EVENT:
            self._data.append(line[5:])
        return {}


def counts(text: bytes) -> Mapping[str, float]:
    """The counts in one JSON object; none where it is something else."""
    if b'"usage"' not in text:
        return {}
    try:
        top = _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    found: dict[str, float] = {}
    for path, name in _PATHS:
        value: Any = getattr(top, path[0])
        for step in path[1:]:
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            found[name] = value
    return found
