"""The requests that ended last."""

from builders import record

from extproc.console.recent import Recent


def test_only_the_last_ones_are_kept() -> None:
    """The oldest first."""
    recent = Recent(2)
    for name in "abc":
        recent.completed(record(request_id=name))

    assert ["b", "c"] == [one.request_id for one in recent.records]


def test_it_knows_since_when_it_has_all() -> None:
    """Since the oldest one ended, however long ago that began; always, while none is gone."""
    recent = Recent(2)
    known = []
    for started, duration in ((1.0, 1.0), (2.0, 8.0), (11.0, None)):
        recent.completed(record(started=started, duration=duration))
        known.append(recent.since)

    assert [0.0, 2.0, 10.0] == known
