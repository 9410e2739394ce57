"""The second tier without Redis; `tests/service/cache` has it with one."""

from cache_builders import entry

from extproc.cache import shared
from extproc.state import Memory


def test_without_redis_there_is_none() -> None:
    """Nothing is kept twice in one process."""
    memory = Memory()
    calls = [shared.put("a", entry(), 60), shared.get("a"), shared.purged()]
    results = [call.operation.local(memory, call.keys, call.args) for call in calls]

    assert ([None, None, None], 0) == (results, len(memory))
    assert (None, None) == (shared.entry(results[1]), shared.purges(results[2]))


def test_what_redis_says_is_read() -> None:
    """As its protocol has it."""
    (call,) = [shared.put("a", entry(b"x"), 60)]

    assert entry(b"x") == shared.entry(call.args[0])  # type: ignore[arg-type]
    assert {"*": 1.5, "s": 2.0} == shared.purges([b"*", b"1.5", b"s", b"2"])
