"""Builders for tests of usage: prices, entries, and a listener that keeps what it is told."""

from typing import Any, Final

from builders import config

from extproc.config import Price
from extproc.telemetry import Tokens
from extproc.usage.entry import Accountant, Entry, Group
from extproc.usage.estimate import Estimator
from extproc.usage.ledger import LedgerError
from extproc.usage.prices import Book

PRICES: Final = {
    "fast": {"per_million_tokens": {"input": "0.10", "output": "0.40", "cached": "0.01"}},
    "reasoning": {"per_million_tokens": {"input": 1, "output": 4}},
}
"""A document's section."""
DAY: Final = "2026-01-02"


def prices(**tiers: Any) -> dict[str, Price]:  # noqa: ANN401 - as a document has it
    """The prices of these tiers, or of both of the builders'."""
    return dict(config(prices=tiers or PRICES).prices)


def book(**tiers: Any) -> Book:  # noqa: ANN401 - as above
    """The same as a book."""
    return Book(prices(**tiers))


def accountant(**tiers: Any) -> Accountant:  # noqa: ANN401 - as above
    """Makes entries by these prices."""
    models = {"fast": "small", "reasoning": "large"}
    return Accountant(book(**tiers), models, Estimator())


def entry(name: str = "r-1", *, day: str = DAY, tenant: str = "acme", **amounts: int) -> Entry:
    """What one request adds to the fast tier."""
    group = Group(day=day, tenant=tenant, tier="fast", model="small")
    return Entry(id=name, group=group, amounts={"requests": 1, **amounts})


def tokens(prompt: int = 1000, completion: int = 100, **others: int) -> Tokens:
    """Tokens of one request."""
    return Tokens(prompt=prompt, completion=completion, **others)


class RecordingLedgerListener:
    """Keeps what became of entries."""

    def __init__(self) -> None:
        self.written = 0
        self.replayed = 0
        self.gone = 0
        self.failures: list[str] = []

    def kept(self, *, written: int, replayed: int) -> None:
        """Add them up."""
        self.written += written
        self.replayed += replayed

    def ledger_failed(self, error: LedgerError) -> None:
        """Keep its kind."""
        self.failures.append(error.kind)

    def lost(self, entries: int) -> None:
        """Add them up."""
        self.gone += entries
