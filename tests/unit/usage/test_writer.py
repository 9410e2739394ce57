"""How entries come to a ledger that may fail."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from usage_builders import RecordingLedgerListener, entry
from waiting import until

from extproc.usage import writer as module
from extproc.usage.entry import Entry
from extproc.usage.ledger import LedgerError, Row
from extproc.usage.writer import Writer


class ListLedger:
    """A ledger in a list, which fails as long as it is told to."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.pruned: list[str] = []
        self.failing = False
        self.closed = False

    async def write(self, entries: Sequence[Entry]) -> int:
        """Keep each once."""
        if self.failing:
            raise LedgerError("full", "no room")
        before = len(self.entries)
        self.entries.update({one.id: one for one in entries})
        return len(self.entries) - before

    async def read(self, since: str, until: str) -> Sequence[Row]:
        """Nothing is read here."""
        raise LedgerError("closed", f"{since} to {until}")

    async def prune(self, before: str) -> None:
        """Note the day."""
        self.pruned.append(before)

    async def close(self) -> None:
        """Note it."""
        self.closed = True


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for half a second."""
    monkeypatch.setattr(module, "FLUSH_SECONDS", 0.005)
    monkeypatch.setattr(module, "_LAST_SECONDS", 0.02)


def made(ledger: ListLedger, *, max_pending: int = 1000) -> tuple[Writer, RecordingLedgerListener]:
    """A writer on the second of January, and what it told."""
    listener = RecordingLedgerListener()
    writer = Writer(
        ledger,
        listener,
        max_pending=max_pending,
        retention_days=30,
        now=lambda: datetime(2026, 1, 2, tzinfo=UTC),
    )
    return writer, listener


async def test_entries_arrive_in_batches() -> None:
    """More than one batch holds, and one of them twice."""
    ledger = ListLedger()
    writer, listener = made(ledger)
    writer.start()
    for number in range(module.BATCH):
        writer.add(entry(str(number)))
    writer.add(entry("0"))
    await until(lambda: _is(not writer.pending))
    writer.add(entry("later"))
    await until(lambda: _is(not writer.pending))
    await writer.stop()

    assert (module.BATCH + 1, 1, 0) == (listener.written, listener.replayed, listener.gone)
    assert ledger.closed


async def test_old_days_go_once_an_hour() -> None:
    """Not with every batch."""
    ledger = ListLedger()
    writer, listener = made(ledger)
    writer.start()
    for name in "ab":
        writer.add(entry(name))
        await until(lambda: _is(not writer.pending))
    await writer.stop()

    assert (2, ["2025-12-03"]) == (listener.written, ledger.pruned)


async def test_a_ledger_that_fails_gets_them_later() -> None:
    """All of them, and each failure is told."""
    ledger = ListLedger()
    ledger.failing = True
    writer, listener = made(ledger)
    writer.start()
    writer.add(entry("a"))
    await until(lambda: _is(len(listener.failures) > 1))
    writer.add(entry("b"))
    ledger.failing = False
    await until(lambda: _is(listener.written == 2))
    await writer.stop()

    assert {"full"} == set(listener.failures)
    assert ["a", "b"] == list(ledger.entries)


async def test_of_too_many_the_newest_are_lost() -> None:
    """That is told as it happens: memory has a bound."""
    ledger = ListLedger()
    writer, listener = made(ledger, max_pending=2)
    for name in "abc":
        writer.add(entry(name))
    writer.start()
    await writer.stop()

    assert (1, ["a", "b"]) == (listener.gone, list(ledger.entries))


async def test_the_end_waits_for_a_while_only() -> None:
    """What the ledger has not taken by then is lost, and told."""
    ledger = ListLedger()
    ledger.failing = True
    writer, listener = made(ledger)
    writer.start()
    writer.add(entry("a"))
    await writer.stop()

    assert (1, True) == (listener.gone, ledger.closed)


async def test_what_was_never_started_ends() -> None:
    """As where an address could not be had."""
    ledger = ListLedger()
    writer, _ = made(ledger)
    await writer.stop()

    assert ledger.closed


async def test_without_entries_the_ledger_is_left_alone() -> None:
    """A worker never takes the access log, and opens no file."""
    ledger = ListLedger()
    writer, _ = made(ledger)
    writer.start()
    await asyncio.sleep(0.02)
    await writer.stop()

    assert [] == ledger.pruned


async def _is(truth: bool) -> bool:
    return truth
