"""What both kinds of ledger raise."""

from extproc.errors import TiergateError
from extproc.usage.ledger import LedgerError


def test_an_error_has_a_word_for_metrics() -> None:
    """And a sentence for people."""
    error = LedgerError("full", "the disk is full")

    assert ("full", "the disk is full") == (error.kind, str(error))
    assert isinstance(error, TiergateError)
