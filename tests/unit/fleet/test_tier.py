"""The load of one tier, by a clock that the test holds."""

import pytest
from fleet_builders import Clock, Tiers, reading

from extproc.config.fleet import Limits
from extproc.fleet.tier import TierLoad

LIMITS = Limits(queue=4, kv=1.0)


def tier(*addresses: str, workers: int = 1) -> tuple[TierLoad, Clock]:
    """One with these replicas, and its clock."""
    clock = Clock()
    load = TierLoad(stale=5.0, workers=workers, clock=clock)
    load.place(addresses)
    return load, clock


def test_saturation_is_the_mean_of_replicas() -> None:
    """A tier is half full where one of two is full."""
    load, _ = tier("a", "b")
    load.read("a", reading(waiting=4))
    load.read("b", reading())

    assert 0.5 == load.saturation(LIMITS)
    assert 2.0 == load.backlog()


def test_a_stale_replica_is_full() -> None:
    """After so many seconds its last word is not believed."""
    load, clock = tier("a")
    load.read("a", reading())
    clock.now += 5
    fresh = (load.known, load.saturation(LIMITS))
    clock.now += 0.1

    assert ((True, 0.0), (False, 1.0)) == (fresh, (load.known, load.saturation(LIMITS)))


def test_a_scrape_that_fails_leaves_the_last_one() -> None:
    """Until it is stale."""
    load, _ = tier("a")
    load.read("a", reading(waiting=2))
    load.missed("a", gone=False)

    assert (True, 0.5) == (load.known, load.saturation(LIMITS))


def test_a_replica_that_is_gone_does_not_count() -> None:
    """The others carry the tier, until it is back."""
    load, _ = tier("a", "b")
    load.read("a", reading(waiting=4))
    load.read("b", reading())
    load.missed("b", gone=True)
    without = load.saturation(LIMITS)
    load.read("b", reading())

    assert (1.0, 0.5) == (without, load.saturation(LIMITS))


def test_a_tier_without_replicas_is_full() -> None:
    """And nothing is known of it."""
    load, _ = tier()

    assert ([], False, 1.0, 0.0) == (
        load.there, load.known, load.saturation(LIMITS), load.backlog(),
    )  # fmt: skip


def test_what_is_known_of_a_replica_stays_with_its_address() -> None:
    """Others come and go."""
    load, _ = tier("a", "b")
    load.read("a", reading(waiting=4))
    load.place(["a", "c"])

    assert ["a", "c"] == list(load.replicas)
    assert 1.0 == load.saturation(LIMITS)


def test_word_of_a_replica_that_has_left_is_not_heard() -> None:
    """A scrape may end after it."""
    load, _ = tier("a")
    load.read("z", reading())
    load.missed("z", gone=True)

    assert ["a"] == list(load.replicas)


def test_what_was_sent_joins_the_queue_until_the_next_scrape() -> None:
    """Times the processes that send as much."""
    load, _ = tier("a", workers=2)
    load.read("a", reading(waiting=2))
    load.sent(1)
    between = load.saturation(LIMITS)
    load.read("a", reading(waiting=2))

    assert (1.0, 0.5) == (between, load.saturation(LIMITS))


def test_what_is_sent_is_shared_among_replicas() -> None:
    """Each gets its part."""
    load, _ = tier("a", "b")
    for address in ("a", "b"):
        load.read(address, reading(waiting=1))
    load.sent(1)

    assert 1.5 == load.backlog()


def test_a_queue_shrinks_as_the_tier_was_seen_to_work() -> None:
    """Four requests a second."""
    tiers = Tiers()
    tiers.learn("fast", starts=4)
    tiers.say("fast", waiting=3, started=8)
    tiers.clock.now += 0.5

    assert 1.0 == tiers.loads["fast"].backlog()


def test_requests_and_tokens_are_counted_over_restarts() -> None:
    """What a replica had counted before it was first seen is not this process's to know."""
    load, _ = tier("a")
    load.read("a", reading(started=7, prompt=70, generated=700))
    load.read("a", reading(started=9, prompt=90, generated=900))
    load.read("a", reading(started=1, prompt=10, generated=100))

    assert (3.0, 30.0, 300.0) == (load.started, load.prompt, load.generated)


@pytest.mark.parametrize(("rejected", "saturation"), [(5, 0.0), (6, 1.0)])
def test_a_replica_that_turned_requests_away_is_full(rejected: float, saturation: float) -> None:
    """Since the scrape before."""
    load, _ = tier("a")
    load.read("a", reading(rejected=5))
    load.read("a", reading(rejected=rejected))

    assert saturation == load.saturation(LIMITS)


def test_a_first_token_is_expected_by_what_was_learnt() -> None:
    """The queue first, then the prompt."""
    tiers = Tiers()
    tiers.learn("fast", prefill=100, starts=4)
    tiers.say("fast", waiting=2, computed=400, prefilled=2, prefill_seconds=4, started=8)

    assert 1.0 == tiers.loads["fast"].first_token(50)
    assert None is tiers.loads["reasoning"].first_token(50)


def test_what_was_expected_is_set_beside_what_came() -> None:
    """Means of the requests of the last minute, whoever sent them."""
    tiers = Tiers()
    fast = tiers.loads["fast"]
    unknown = (fast.expected.value, fast.observed.value)
    fast.sent(50)
    tiers.learn("fast", prefill=100)
    fast.sent(50)
    fast.sent(150)
    tiers.say("fast", computed=400, prefilled=2, prefill_seconds=4, started=4, start_seconds=6)

    assert (None, None) == unknown
    assert (1.0, 1.5) == pytest.approx((fast.expected.value, fast.observed.value))
