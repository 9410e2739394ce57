"""Budgets after the ledger."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from waiting import until

from extproc.state import Call, Result
from extproc.tenancy.spending import Spending
from extproc.usage.entry import Entry, Group
from extproc.usage.ledger import LedgerError, Row

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def row(tenant: str, day: str, **amounts: int) -> Row:
    """One group of the ledger."""
    return Row(group=Group(day=day, tenant=tenant, tier="fast", model="m"), amounts=amounts)


class Book:
    """A ledger that was written before; or one that cannot be read."""

    def __init__(self, *rows: Row, broken: str = "") -> None:
        self._rows = rows
        self._broken = broken
        self.asked: list[tuple[str, str]] = []
        self.closed = False

    async def write(self, entries: Sequence[Entry]) -> int:
        """Nothing is written here."""
        raise NotImplementedError(entries)

    async def read(self, since: str, until: str) -> Sequence[Row]:
        """All of it, or an error."""
        self.asked.append((since, until))
        if self._broken:
            raise LedgerError(self._broken, "away")
        return self._rows

    async def prune(self, before: str) -> None:
        """Nothing is forgotten here."""
        raise NotImplementedError(before)

    async def close(self) -> None:
        """Note it."""
        self.closed = True


class Kept:
    """Where calls go, and errors."""

    def __init__(self, book: Book) -> None:
        self.calls: list[Call] = []
        self.errors: list[Exception] = []
        self.spending = Spending(book, self._run, self.errors.append, lambda: NOW)

    async def _run(self, calls: Sequence[Call]) -> Sequence[Result]:
        self.calls.extend(calls)
        return [1] * len(calls)


async def test_the_month_is_summed_by_tenant() -> None:
    """Of those who have cost anything, known or estimated, and have a name."""
    book = Book(
        row("acme", "2026-11-01", cost=5),
        row("acme", "2026-11-20", cost=4, estimated_cost=3),
        row("umbrella", "2026-11-20", requests=1),
        row("", "2026-11-20", cost=9),
    )
    kept = Kept(book)
    await kept.spending.look()

    assert [("2026-11-01", "2026-11-23")] == book.asked
    assert [(("limit:{acme}:spent:2026-11",), (12,))] == [
        (call.keys, call.args) for call in kept.calls
    ]


async def test_a_ledger_that_cannot_be_read_is_reported() -> None:
    """What is counted stays as it is."""
    kept = Kept(Book(broken="connection"))
    await kept.spending.look()

    assert (["away"], []) == ([str(error) for error in kept.errors], kept.calls)


async def test_a_ledger_that_was_never_written_knows_of_nothing() -> None:
    """As on the first day."""
    kept = Kept(Book(broken="cantopen"))
    await kept.spending.look()

    assert ([], []) == (kept.errors, kept.calls)


async def test_it_looks_at_once_and_again() -> None:
    """A process that begins does not know what was spent before."""
    book = Book()
    kept = Kept(book)
    following = asyncio.ensure_future(kept.spending.follow(0.001))

    async def twice() -> bool:
        """Whether it has looked twice."""
        return len(book.asked) >= 2

    await until(twice)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await kept.spending.close()
    assert book.closed
