"""The ledger in one SQLite file, written by a thread of its own.

The journal is a write-ahead log, so that `tiergate ledger` reads while the router writes; it must
be on a local disk. Several processes may write to the same file.
"""

import asyncio
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from extproc.usage.entry import COLUMNS, Entry, Group
from extproc.usage.ledger import LedgerError, Row

T = TypeVar("T")
_BUSY_SECONDS: Final = 5.0
_KEYS: Final = ("day", "tenant", "tier", "model")
_SCHEMA: Final = f"""
CREATE TABLE IF NOT EXISTS counted (id TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS usage (
  {", ".join(f"{name} TEXT NOT NULL" for name in _KEYS)},
  {", ".join(f"{name} INTEGER NOT NULL DEFAULT 0" for name in COLUMNS)},
  PRIMARY KEY ({", ".join(_KEYS)})
) WITHOUT ROWID;
"""
_SEEN: Final = "INSERT OR IGNORE INTO counted VALUES (?, ?)"
_ADD: Final = f"""
INSERT INTO usage ({", ".join((*_KEYS, *COLUMNS))})
VALUES ({", ".join("?" * (len(_KEYS) + len(COLUMNS)))})
ON CONFLICT DO UPDATE SET {", ".join(f"{name} = {name} + excluded.{name}" for name in COLUMNS)}
"""  # noqa: S608 - the names are constants
_READ: Final = f"""
SELECT {", ".join((*_KEYS, *COLUMNS))} FROM usage WHERE day BETWEEN ? AND ? ORDER BY day
"""  # noqa: S608 - as above


class SqliteLedger:
    """The ledger at `path`, which is made where it is missing. `replay_seconds` is how long an id
    is known again, by `clock`.
    """

    def __init__(
        self, path: Path, *, replay_seconds: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._replay_seconds = replay_seconds
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._connection: sqlite3.Connection | None = None

    async def write(self, entries: Sequence[Entry]) -> int:
        """One transaction."""
        return await self._run(lambda connection: self._write(connection, entries))

    async def read(self, since: str, until: str) -> Sequence[Row]:
        """By the day; LedgerError where there is no file: to read is no reason to make one."""
        if not self._path.exists():
            raise LedgerError("cantopen", f"there is no ledger at {self._path}")
        return await self._run(lambda connection: _read(connection, since, until))

    async def prune(self, before: str) -> None:
        """Those days, and the ids that are not waited for any more."""
        known_since = self._clock() - self._replay_seconds

        def prune(connection: sqlite3.Connection) -> None:
            """In one transaction."""
            connection.execute("DELETE FROM usage WHERE day < ?", (before,))
            connection.execute("DELETE FROM counted WHERE at < ?", (known_since,))

        await self._run(prune)

    async def close(self) -> None:
        """The file is whole without its log then."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._let_go)
        self._thread.shutdown()

    def _write(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> int:
        now = self._clock()
        sums: dict[Group, Counter[str]] = defaultdict(Counter)
        written = 0
        for entry in entries:
            if connection.execute(_SEEN, (entry.id, now)).rowcount:
                sums[entry.group].update(entry.amounts)
                written += 1
        connection.executemany(_ADD, (_values(group, some) for group, some in sums.items()))
        return written

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: self._transact(work)
        )

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if not self._path.exists():
                self._let_go()  # SQLite would go on writing to the file that was removed
            if self._connection is None:
                self._connection = _connect(self._path)
            with self._connection:
                return work(self._connection)
        except sqlite3.Error as error:
            self._let_go()  # a disk that has come back is opened anew
            kind = str(getattr(error, "sqlite_errorname", "SQLITE_ERROR"))
            raise LedgerError(kind.removeprefix("SQLITE_").lower(), str(error)) from error

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.executescript(_SCHEMA)
    return connection


def _read(connection: sqlite3.Connection, since: str, until: str) -> Sequence[Row]:
    return [
        Row(
            group=Group(**dict(zip(_KEYS, row, strict=False))),
            amounts={
                name: amount
                for name, amount in zip(COLUMNS, row[len(_KEYS) :], strict=True)
                if amount
            },
        )
        for row in connection.execute(_READ, (since, until))
    ]


def _values(group: Group, amounts: Counter[str]) -> tuple[str | int, ...]:
    return (
        *(getattr(group, name) for name in _KEYS),
        *(amounts[name] for name in COLUMNS),
    )
