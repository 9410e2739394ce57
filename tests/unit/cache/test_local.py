"""The first tier."""

from collections.abc import Iterator

import pytest
from cache_builders import Clock, entry

from extproc.cache.local import Local

MIB = 1 << 20


@pytest.fixture(name="clock")
def _clock() -> Clock:
    return Clock()


@pytest.fixture(name="local")
def _local(clock: Clock) -> Iterator[Local]:
    made = Local(memory_bytes=MIB, max_entry_bytes=64 << 10, clock=clock)
    yield made
    made.close()


def test_what_is_kept_is_found(local: Local) -> None:
    """Under its key alone."""
    local.put("a", entry(b"1"), 60)

    assert (entry(b"1"), None, 1) == (local.get("a"), local.get("b"), len(local))


def test_it_is_forgotten_when_its_time_is_over(local: Local, clock: Clock) -> None:
    """To the moment, whatever the library's own clock says."""
    local.put("a", entry(), 60)
    clock.now += 60

    assert local.get("a") is None


@pytest.mark.parametrize("size", [5000, 1], ids=["larger", "smaller"])
def test_a_new_one_takes_the_place_of_an_old_one(local: Local, size: int) -> None:
    """Of whatever size."""
    local.put("a", entry(b"x" * 4500), 60)
    local.put("a", entry(b"x" * size), 60)

    assert (entry(b"x" * size), 1) == (local.get("a"), len(local))


def test_the_largest_size_is_kept_and_no_larger(local: Local) -> None:
    """Of the old one nothing is left either."""
    local.put("a", entry(b"x" * (64 << 10)), 60)
    assert local.get("a") is not None

    local.put("a", entry(b"x" * ((64 << 10) + 1)), 60)
    assert local.get("a") is None


@pytest.mark.parametrize("size", [100, 4096, 5000, 20_000, 64 << 10])
def test_the_memory_is_bounded_whatever_comes(local: Local, size: int) -> None:
    """Each size has a part to itself."""
    keys = [f"k{number}" for number in range(2000)]
    for key in keys:
        local.put(key, entry(b"x" * size), 3600)

    assert sum(size for key in keys if local.get(key) is not None) <= MIB
    assert 0 < len(local)


def test_one_small_entry_needs_one_size_only() -> None:
    """The largest may be below the smallest step."""
    made = Local(memory_bytes=MIB, max_entry_bytes=1024)
    made.put("a", entry(b"x" * 1024), 60)
    made.put("b", entry(b"x" * 1025), 60)

    assert (MIB, 1024) == made.bounds
    assert (True, None) == (made.get("a") is not None, made.get("b"))
    made.close()
