"""A thousand conversations with tool loops, played through decisions with and without affinity.

TIERGATE_AFFINITY_CONVERSATIONS=1000 pytest -s -n0 tests/service/affinity/test_replay.py
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from builders import RecordingObserver, config
from prometheus_client import CollectorRegistry
from redis_server import RedisServer, needs_redis
from replaying import AFFINITY, SECTIONS, Played, conversations, play

from extproc.routing import Routing
from extproc.services import Services

MANY: Final = int(os.environ.get("TIERGATE_AFFINITY_CONVERSATIONS", "40"))
TALKS: Final = conversations(MANY)
DEADLINE: Final = 0.01


class Clock:
    """Seconds of the wall, which conversations let pass."""

    now = 1_000_000.0

    def __call__(self) -> float:
        """Now."""
        return self.now

    def pass_time(self, seconds: float) -> None:
        """Let them pass."""
        self.now += seconds


@asynccontextmanager
async def decisions(
    clock: Clock | None = None, **sections: object
) -> AsyncIterator[tuple[Routing, RecordingObserver]]:
    """What a document with these sections makes of requests."""
    made, observer = config(**SECTIONS, **sections), RecordingObserver()
    services = Services(made, observer, registry=CollectorRegistry())
    if clock is not None:
        services.store.memory.now = clock
    await services.start()
    try:
        yield services.routing(made), observer
    finally:
        await services.stop()


def shown(name: str, played: Played) -> Played:
    """What was played, for whoever looks."""
    print(f"\n{name}: {played}")  # noqa: T201 - the figures of the documentation
    return played


async def test_a_tool_loop_stays_on_its_tier() -> None:
    """Whatever tools say; and conversations move less often than without affinity."""
    clock = Clock()
    async with decisions() as (routing, _):
        without = shown("without", await play(routing, TALKS))
    async with decisions(clock, affinity=AFFINITY) as (routing, _):
        held = shown("affinity", await play(routing, TALKS, pass_time=clock.pass_time))

    assert 0 == held.in_loops < without.in_loops
    assert held.switches < without.switches / 2
    assert {"affinity_kept", "affinity_raised", "affinity_lowered", "affinity_tool_loop"} <= set(
        held.reasons
    )


@needs_redis
async def test_redis_adds_little(tmp_path: Path) -> None:
    """To each decision: one round trip, and the tiers are the same."""
    async with decisions(affinity=AFFINITY) as (routing, _):
        alone = shown("memory", await play(routing, TALKS))
    with RedisServer(tmp_path) as redis:
        state = {"redis": {"url": redis.url, "deadline_seconds": 1.0}}
        async with decisions(state=state, affinity=AFFINITY) as (routing, observer):
            shared = shown("redis", await play(routing, TALKS))

    assert {"ok"} == set(observer.trips)
    assert (0, alone.switches) == (shared.in_loops, shared.switches)
    assert shared.percentile(0.5) - alone.percentile(0.5) < DEADLINE


@needs_redis
async def test_redis_may_come_and_go(tmp_path: Path) -> None:
    """Killed, paused and started again under load: every request is decided, no tool loop is
    broken, nothing waits much longer than the deadline, and in the end Redis is asked again.
    """
    talks = conversations(MANY, seed=2)
    with RedisServer(tmp_path) as redis:
        state = {"redis": {"url": redis.url, "deadline_seconds": DEADLINE}}
        async with decisions(state=state, affinity=AFFINITY) as (routing, observer):
            playing = asyncio.ensure_future(play(routing, talks, at_once=8, rest=0.04))
            harm = (redis.pause, redis.resume, redis.kill, redis.start)
            for step in harm:
                await asyncio.sleep(0.3 if MANY < 100 else 3.0)
                await asyncio.to_thread(step)
            played = shown("come and go", await playing)
            while observer.trips[-1] != "ok":
                await play(routing, talks[:1], rest=0.04)

    assert sum(map(len, talks)) == len(played.seconds)
    assert 0 == played.in_loops
    assert "ok" in observer.trips
    assert len({"timeout", "connection"} & set(observer.trips)) > 0
    assert played.percentile(0.9) < 2 * DEADLINE
