"""Reads usage in responses where `usage.source` is `processor`."""

from collections.abc import Mapping
from typing import Final

from typing_extensions import override

from extproc.exchange import Exchange
from extproc.stages import Stage
from extproc.usage.reading import Answer, Events, Reader

_PLAIN: Final = ("", "identity")


class Watcher:
    """Watches one response. One that is compressed is not read: its usage is unknown."""

    def __init__(self) -> None:
        self._reader: Reader | None = None

    def began(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether it holds what can be read."""
        del status
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if headers.get("content-encoding", "") not in _PLAIN:
            return False
        if kind == "application/json":
            self._reader = Answer()
        elif kind == "text/event-stream":
            self._reader = Events()
        return self._reader is not None

    def came(self, piece: bytes, *, last: bool) -> Mapping[str, float]:
        """What it has made known."""
        return {} if self._reader is None else self._reader.read(piece, last=last)

    def ended(self) -> None:
        """What was known is in the metadata already."""


class UsageStage(Stage):
    """Has every response watched that a tier gives."""

    watches = True

    @override
    def decided(self, exchange: Exchange) -> None:
        """A watcher for this response."""
        exchange.watchers.append(Watcher())
