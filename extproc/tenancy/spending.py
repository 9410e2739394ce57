"""Budgets after the truth: what the ledger knows of the month is never less than what is counted.

The count is quick and may miss what ended while Redis was away, or before this process began; the
ledger is late by a second and misses nothing that Envoy has told.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from extproc.state import Call, Result
from extproc.tenancy.settlement import month_of, raise_spent
from extproc.usage.ledger import Ledger, LedgerError

INTERVAL: Final = 600.0
"""Seconds between two looks at the ledger: each reads the whole month."""
_UNWRITTEN: Final = "cantopen"
"""A ledger that was never written knows of no cost; one that cannot be, its writer reports."""


class Spending:
    """Brings the month's costs from `ledger` to where `run` keeps what was spent."""

    def __init__(
        self,
        ledger: Ledger,
        run: Callable[[Sequence[Call]], Awaitable[Sequence[Result]]],
        report: Callable[[Exception], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ledger = ledger
        self._run = run
        self._report = report
        self._now = now

    async def look(self) -> None:
        """Raise what was spent to what the ledger has; an error is reported."""
        today = self._now()
        try:
            rows = await self._ledger.read(f"{today:%Y-%m}-01", f"{today:%Y-%m-%d}")
        except LedgerError as error:
            if error.kind != _UNWRITTEN:
                self._report(error)
            return
        spent: Counter[str] = Counter()
        for row in rows:
            amounts = row.amounts
            cost = amounts.get("cost", 0) + amounts.get("estimated_cost", 0)
            spent[row.group.tenant] += cost
        month = month_of(today.timestamp())
        await self._run([raise_spent(*one, month) for one in spent.items() if all(one)])

    async def follow(self, interval: float = INTERVAL) -> None:
        """Look now, and again and again, until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(interval)

    async def close(self) -> None:
        """Let the ledger go."""
        await self._ledger.close()
