"""Conversations in a real Redis: shared by replicas, and kept when it goes, fills or forgets."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import pytest
from affinity_builders import ASKED, exchange
from builders import config, decision
from redis_server import RedisServer, needs_redis
from state_builders import RecordingListener

from extproc.affinity.remembering import recall, remember, remembered
from extproc.affinity.stage import AffinityStage
from extproc.config import Affinity
from extproc.exchange import Exchange
from extproc.state import Memory, Store
from extproc.state.store import PAUSE

pytestmark = needs_redis
DEADLINE = 1.0


@pytest.fixture(name="redis")
def _redis(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path) as server:
        yield server


class Clock:
    """Real seconds, and those that a test adds."""

    added = 0.0

    def __call__(self) -> float:
        """Now."""
        return monotonic() + self.added


class Replica:
    """One replica of the router."""

    def __init__(self, redis: RedisServer) -> None:
        self.listener = RecordingListener()
        named = {"url": redis.url, "deadline_seconds": DEADLINE}
        self.clock = Clock()
        self.store = Store(config(state={"redis": named}).state, self.listener, clock=self.clock)
        self.stage = AffinityStage(Affinity(), self.store)

    async def turn(self, tier: str, tenant: str = "") -> str | None:
        """One turn that goes to `tier`; the tier that was remembered before."""
        spoken: Exchange = exchange(ASKED, user="alice", tenant=tenant)
        self.stage.told(spoken, await self.store.run(self.stage.asks(spoken)))
        held = spoken.context.remembered
        spoken.decision = decision(tier)
        self.stage.decided(spoken)
        await self.store.run([recall("nothing", 1)])  # what was posted has arrived before this
        return None if held is None else held.tier


@asynccontextmanager
async def replica(redis: RedisServer) -> AsyncIterator[Replica]:
    """One that is stopped at the end."""
    made = Replica(redis)
    try:
        yield made
    finally:
        await made.store.stop()


async def test_memory_and_redis_give_the_same(redis: RedisServer) -> None:
    """The script and its twin in the process."""
    async with replica(redis) as one:
        calls = [recall("k", 60), remember("k", "fast", "pod", 60), recall("k", 60)]
        shared = [(await one.store.run([call]))[0] for call in calls]
    memory = Memory()
    own = [call.operation.local(memory, call.keys, call.args) for call in calls]

    assert [None, None] == shared[:2] == own[:2]
    for result in (shared[2], own[2]):
        known = remembered(result)
        assert known is not None
        assert ("fast", "pod") == (known[0].tier, known[1])
        assert 0.0 <= known[0].idle < 5.0


async def test_a_conversation_goes_on_at_any_replica(redis: RedisServer) -> None:
    """And only within its tenant."""
    async with replica(redis) as one, replica(redis) as two:
        assert [None, "fast", "reasoning"] == [
            await one.turn("fast"),
            await two.turn("reasoning"),
            await one.turn("fast"),
        ]
        assert await two.turn("fast", tenant="b") is None


async def test_redis_holds_hashes_and_tiers(redis: RedisServer) -> None:
    """For as long as the section says, and nothing that a client wrote."""
    async with replica(redis) as one:
        await one.turn("fast")
    keys = redis.said("KEYS", "*")

    assert "tiergate:affinity:" in keys
    assert "alice" not in keys
    (key,) = (word for word in keys.split() if word.startswith("tiergate:"))
    assert "fast" in redis.said("GET", key)
    assert 3500 < int(redis.said("TTL", key).strip(":\r\n")) <= 3600


async def test_a_redis_that_was_started_again_empty_is_told_anew(redis: RedisServer) -> None:
    """The replica that has decided still knows, and others learn of it."""
    async with replica(redis) as one, replica(redis) as two:
        await one.turn("reasoning")
        redis.kill()
        await one.turn("fast")
        redis.start()
        one.clock.added = two.clock.added = PAUSE

        assert "fast" == await one.turn("reasoning")
        assert "reasoning" == await two.turn("fast")


async def test_a_redis_that_is_gone_costs_no_conversation_its_tier(redis: RedisServer) -> None:
    """The replica goes on by itself."""
    async with replica(redis) as one:
        await one.turn("reasoning")
        redis.kill()

        assert ["reasoning", "fast"] == [await one.turn("fast"), await one.turn("fast")]
        assert {"ok", "connection"} == set(one.listener.trips)


async def test_a_full_redis_still_says_what_it_knows(redis: RedisServer) -> None:
    """What it cannot take, the replica keeps for itself."""
    async with replica(redis) as one, replica(redis) as two:
        await one.turn("reasoning")
        redis.said("CONFIG", "SET", "maxmemory", "1")

        assert "reasoning" == await two.turn("fast")
        assert "fast" == await two.turn("fast")
        assert {"ok", "response"} == set(two.listener.trips)


async def test_after_a_fail_over_a_read_only_redis_still_says_what_it_knows(
    redis: RedisServer,
) -> None:
    """Until there is a master again, each replica keeps for itself what it decides."""
    async with replica(redis) as one, replica(redis) as two:
        await one.turn("reasoning")
        redis.said("REPLICAOF", "127.0.0.1", "1")

        assert "reasoning" == await two.turn("fast")
        assert "fast" == await two.turn("fast")
        redis.said("REPLICAOF", "NO", "ONE")
        two.clock.added = PAUSE
        assert "fast" == await two.turn("fast")
        one.clock.added = PAUSE
        assert "fast" == await one.turn("fast")
