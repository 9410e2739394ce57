"""Where usage is kept: one interface, an SQLite file or Redis behind it.

Both keep sums only, by day, tenant, tier and model; and the ids of what they have counted, for as
long as a record may be told of again.
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from extproc.errors import TiergateError
from extproc.usage.entry import Amounts, Entry, Group


class LedgerError(TiergateError):
    """Raised where the ledger cannot be written or read now; nothing of the call has been done, or
    all of it has. `kind` is a word for a metric's label.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Row(Struct, frozen=True, kw_only=True):
    """The sums of one group."""

    group: Group
    amounts: Amounts


class Ledger(Protocol):
    """Counts entries, each once."""

    async def write(self, entries: Sequence[Entry]) -> int:
        """Count those that were not counted before, and say how many these were. LedgerError where
        that is not certain: then the same entries may be written again.
        """

    async def read(self, since: str, until: str) -> Sequence[Row]:
        """All groups from the day `since` to the day `until`, both included."""

    async def prune(self, before: str) -> None:
        """Forget the days before that one."""

    async def close(self) -> None:
        """Let go of files and connections."""
