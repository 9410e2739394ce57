"""The last requests that reached the replica, so that a test can tell what a gateway sent it.

Of the body only a digest and the model's name are kept: prompts are nobody's business.
"""

import hashlib
from collections import deque
from collections.abc import Mapping
from typing import Final

import msgspec

_CAPACITY: Final = 1000
_PREFIX: Final = "x-tiergate-"
_NAMES: Final = frozenset({"x-request-id"})


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One request; `model` and `stream` are null where the body does not say."""

    path: str
    model: str | None
    stream: bool | None
    headers: dict[str, str]
    body_sha256: str
    body_length: int


class _Routing(msgspec.Struct, frozen=True):
    model: str | None = None
    stream: bool | None = None


class Journal:
    """A bounded list of entries, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_CAPACITY)

    @property
    def entries(self) -> list[Entry]:
        """What is remembered, oldest first."""
        return list(self._entries)

    def record(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Remember a request."""
        routing = _routing(body)
        self._entries.append(
            Entry(
                path=path,
                model=routing.model,
                stream=routing.stream,
                headers=_kept(headers),
                body_sha256=hashlib.sha256(body).hexdigest(),
                body_length=len(body),
            )
        )


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for given, value in headers.items():
        name = given.lower()
        if name in _NAMES or name.startswith(_PREFIX):
            # A header sent twice shows both values: a forged one must not hide the gateway's.
            kept[name] = f"{kept[name]}, {value}" if name in kept else value
    return kept


def _routing(body: bytes) -> _Routing:
    try:
        return msgspec.json.decode(body, type=_Routing)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _Routing()
