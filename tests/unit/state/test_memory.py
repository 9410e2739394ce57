"""A bounded mapping whose entries expire."""

from extproc.state import Memory


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        """Now."""
        return self.seconds


def test_what_was_put_is_there_until_it_expires() -> None:
    """And not at the second itself."""
    clock = Clock()
    memory = Memory(clock=clock)
    memory.put("a", 1, 10.0)
    clock.seconds = 109.9
    before = memory.get("a")
    clock.seconds = 110.0

    assert (1, None, 0) == (before, memory.get("a"), len(memory))


def test_of_too_many_the_one_least_recently_used_goes() -> None:
    """Reading an entry is a use of it."""
    memory = Memory(capacity=2)
    for key in "ab":
        memory.put(key, key, 60.0)
    memory.get("a")
    memory.put("c", "c", 60.0)

    assert ["a", None, "c"] == [memory.get(key) for key in "abc"]


def test_putting_an_entry_again_is_a_use_of_it() -> None:
    """The other one goes."""
    memory = Memory(capacity=2)
    for key in "abac":
        memory.put(key, key, 60.0)

    assert ["a", None, "c"] == [memory.get(key) for key in "abc"]


def test_a_key_is_dropped_whether_it_is_there_or_not() -> None:
    """The second time nothing happens."""
    memory = Memory()
    memory.put("a", 1, 60.0)
    memory.drop("a")
    memory.drop("a")

    assert memory.get("a") is None
