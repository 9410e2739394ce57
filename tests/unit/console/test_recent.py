"""The requests that ended last."""

from builders import record

from extproc.console.recent import Recent


def test_only_the_last_ones_are_kept() -> None:
    """The oldest first."""
    recent = Recent(2)
    for name in "abc":
        recent.completed(record(request_id=name))

    assert ["b", "c"] == [one.request_id for one in recent.records]
