"""Unit tests of a replica's assembly."""

from sim_builders import settings

from extproc.engines.sim import replica


def test_new_replica_is_not_ready() -> None:
    """A replica is ready when it has started, not when it is built."""
    subject = replica.build(settings())

    assert (False, []) == (subject.ready, subject.journal.entries)
