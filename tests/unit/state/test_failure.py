"""Why Redis gave no answer."""

from extproc.state import Failure


def test_a_failure_has_a_kind_and_no_other_text() -> None:
    """An address or a password must not reach a log by it."""
    assert ("timeout", "timeout") == (Failure("timeout").kind, str(Failure("timeout")))
