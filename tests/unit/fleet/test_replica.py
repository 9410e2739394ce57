"""One replica's saturation and queue."""

import pytest
from fleet_builders import reading

from extproc.config.fleet import Limits
from extproc.fleet.replica import Replica

LIMITS = Limits(queue=8, kv=0.8)


@pytest.mark.parametrize(
    ("waiting", "kv", "saturation"),
    [(0, 0, 0), (4, 0, 0.5), (4, 0.6, 0.75), (8, 0.8, 1), (16, 0.8, 2)],
)
def test_saturation_is_the_worse_of_queue_and_cache(
    waiting: float, kv: float, saturation: float
) -> None:
    """Each over its limit."""
    replica = Replica(reading=reading(waiting=waiting, kv=kv))

    assert saturation == pytest.approx(replica.saturation(LIMITS, waiting))


def test_one_that_refuses_is_full() -> None:
    """Whatever else it says; and where it says more, that holds."""
    replica = Replica(reading=reading(), refusing=True)

    assert (1.0, 2.0) == (replica.saturation(LIMITS, 0), replica.saturation(LIMITS, 16))


def test_one_that_never_spoke_is_full() -> None:
    """And has no queue that anybody knows of."""
    assert 1.0 == Replica().saturation(LIMITS, 0)
    assert 0.0 == Replica().backlog(sent=5, done=0)


def test_a_queue_is_reckoned_on() -> None:
    """By what has come and what has begun since, down to nothing."""
    replica = Replica(reading=reading(waiting=3))

    assert 5.0 == replica.backlog(sent=4, done=2)
    assert 0.0 == replica.backlog(sent=0, done=9)


def test_without_a_queue_there_is_room() -> None:
    """How much nobody knows, so what was sent there counts for nothing."""
    assert 0.0 == Replica(reading=reading()).backlog(sent=9, done=0)
