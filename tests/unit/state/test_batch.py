"""Calls of one turn of the event loop as one round trip."""

import asyncio
from collections.abc import Sequence

import pytest
from state_builders import count

from extproc.state.batch import Batch
from extproc.state.call import Call, Result


class Trips:
    """Answers each call with its key, or fails; keeps the keys of each trip."""

    def __init__(self, *, works: bool = True) -> None:
        self.taken: list[list[str]] = []
        self._works = works

    async def __call__(self, calls: Sequence[Call]) -> Sequence[Result] | None:
        """One trip."""
        await asyncio.sleep(0)
        keys = [call.keys[0] for call in calls]
        self.taken.append(keys)
        return [key.encode() for key in keys] if self._works else None


async def test_calls_of_one_turn_share_a_trip() -> None:
    """Each asker gets the results of its own calls."""
    trips = Trips()
    batch = Batch(trips)
    answers = await asyncio.gather(
        batch.run([count("a"), count("b")]), batch.run([]), batch.run([count("c")])
    )

    assert [["a", "b", "c"]] == trips.taken
    assert [[b"a", b"b"], [], [b"c"]] == [list(answer or ()) for answer in answers]


async def test_calls_of_another_turn_have_a_trip_of_their_own() -> None:
    """They do not wait for the first."""
    trips = Trips()
    batch = Batch(trips)
    await batch.run([count("a")])
    await batch.run([count("b")])

    assert [["a"], ["b"]] == trips.taken


async def test_all_are_told_of_a_trip_that_failed() -> None:
    """None stands for no results."""
    batch = Batch(Trips(works=False))

    answers = await asyncio.gather(batch.run([count("a")]), batch.run([count("b")]))

    assert (None, None) == tuple(answers)


async def test_nobody_waits_for_ever_after_a_bug() -> None:
    """It is as a trip that failed, and the bug shows when the batch ends."""

    async def broken(calls: Sequence[Call]) -> Sequence[Result]:
        """What must not happen."""
        raise RuntimeError(f"a bug with {len(calls)} calls")

    batch = Batch(broken)
    assert await asyncio.wait_for(batch.run([count("a")]), 5) is None
    await batch.stop()


async def test_who_has_gone_is_not_told() -> None:
    """The others are."""
    batch = Batch(Trips())
    gone = asyncio.ensure_future(batch.run([count("a")]))
    stays = asyncio.ensure_future(batch.run([count("b")]))
    await asyncio.sleep(0)
    gone.cancel()

    assert [b"b"] == await stays
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_what_was_posted_arrives_before_the_end() -> None:
    """Nobody waited for it."""
    trips = Trips()
    batch = Batch(trips)
    batch.post([count("a")])
    await batch.stop()

    assert [["a"]] == trips.taken
