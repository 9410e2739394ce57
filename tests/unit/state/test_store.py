"""Shared state where there is no Redis; `tests/service/state` has the others."""

from dataclasses import replace

from builders import config
from state_builders import COUNT, RecordingListener, count

from extproc.state import Store


def store(workers: int = 1) -> Store:
    """One of a process of its own."""
    return Store(config().state, RecordingListener(), workers=workers)


async def test_calls_run_in_this_process() -> None:
    """In order, and what is posted counts too."""
    made = store()
    made.post([count("a", 5)])

    assert [6, 1, 8] == await made.run([count("a"), count("b"), count("a", 2)])
    await made.stop()


async def test_what_may_be_forgotten_pushes_nothing_else_out() -> None:
    """An idle tenant's count stays, however many conversations others have."""
    made = Store(config(state={"max_entries": 100}).state, RecordingListener())
    kept = replace(count("a"), operation=replace(COUNT, apart=True))
    await made.run([kept])
    await made.run([count(f"conversation-{number}") for number in range(200)])

    assert [2] == await made.run([kept])
    await made.stop()


def test_without_redis_nothing_is_shared() -> None:
    """All of a limit is this replica's, and each of its processes has a part."""
    assert (False, 1.0, 0.25) == (store().shared, store().memory.share, store(4).memory.share)
