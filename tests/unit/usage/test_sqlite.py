"""The ledger in a file."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from usage_builders import DAY, entry

from extproc.usage.entry import Group
from extproc.usage.ledger import LedgerError, Row
from extproc.usage.sqlite import SqliteLedger


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The seconds."""
        return self.now


def opened(folder: Path, clock: Clock | None = None) -> SqliteLedger:
    """A ledger that knows an id again for a minute."""
    return SqliteLedger(folder / "ledger.sqlite", replay_seconds=60, clock=clock or Clock())


async def test_entries_of_a_group_add_up(tmp_path: Path) -> None:
    """Zeros are left out."""
    ledger = opened(tmp_path)
    written = await ledger.write([entry("a", cost=3), entry("b", cost=4, failed=0)])
    rows = await ledger.read(DAY, DAY)
    await ledger.close()

    group = Group(day=DAY, tenant="acme", tier="fast", model="small")
    assert 2 == written
    assert [Row(group=group, amounts={"requests": 2, "cost": 7})] == rows


async def test_an_entry_counts_once(tmp_path: Path) -> None:
    """In the same batch, in a later one, and after a restart."""
    ledger = opened(tmp_path)
    first = await ledger.write([entry("a"), entry("a")])
    again = await ledger.write([entry("a")])
    await ledger.close()
    ledger = opened(tmp_path)
    later = await ledger.write([entry("a"), entry("b")])
    (row,) = await ledger.read(DAY, DAY)
    await ledger.close()

    assert (1, 0, 1) == (first, again, later)
    assert {"requests": 2} == row.amounts


async def test_it_forgets_ids_and_days(tmp_path: Path) -> None:
    """An id after its time, a day before the given one."""
    clock = Clock()
    ledger = opened(tmp_path, clock)
    await ledger.write([entry("a"), entry("b", day="2025-12-31")])
    clock.now += 61
    await ledger.prune("2026-01-01")
    again = await ledger.write([entry("a")])
    rows = await ledger.read("2025-01-01", "2026-12-31")
    await ledger.close()

    assert 1 == again
    assert [(DAY, 2)] == [(row.group.day, row.amounts["requests"]) for row in rows]


async def test_a_locked_file_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch is written wholly, later."""
    monkeypatch.setattr("extproc.usage.sqlite._BUSY_SECONDS", 0.01)
    ledger = opened(tmp_path)
    await ledger.write([entry("a")])
    other = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError) as caught:
        await ledger.write([entry("b"), entry("c")])
    other.execute("ROLLBACK")
    other.close()
    written = await ledger.write([entry("b"), entry("c")])
    await ledger.close()

    assert ("busy", 2) == (caught.value.kind, written)


async def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    """Neither the ids nor the sums: the same entries can come again."""
    ledger = opened(tmp_path)
    await ledger.write([entry("a")])
    connection = ledger._connection
    assert connection is not None
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    many = [entry(f"many-{number}") for number in range(2000)]
    with pytest.raises(LedgerError) as caught:
        await ledger.write(many)
    written = await ledger.write(many)  # the file is opened anew, without that bound
    (row,) = await ledger.read(DAY, DAY)
    await ledger.close()

    assert ("full", 2000, 2001) == (caught.value.kind, written, row.amounts["requests"])


async def test_a_file_that_was_removed_is_made_anew(tmp_path: Path) -> None:
    """What comes from then on is not lost in a file that has no name."""
    ledger = opened(tmp_path)
    await ledger.write([entry("a", cost=1)])
    (tmp_path / "ledger.sqlite").unlink()
    await ledger.write([entry("b", cost=2)])
    await ledger.close()

    reader = opened(tmp_path)
    assert [{"requests": 1, "cost": 2}] == [row.amounts for row in await reader.read(DAY, DAY)]
    await reader.close()


async def test_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    """And none once it is there."""
    ledger = opened(tmp_path / "later")
    with pytest.raises(LedgerError) as caught:
        await ledger.write([entry()])
    (tmp_path / "later").mkdir()
    written = await ledger.write([entry()])
    await ledger.close()

    assert ("cantopen", 1) == (caught.value.kind, written)


def test_a_ledger_that_was_never_opened_closes(tmp_path: Path) -> None:
    """And leaves no file."""
    asyncio.run(opened(tmp_path).close())

    assert [] == list(tmp_path.iterdir())
