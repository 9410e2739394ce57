"""The second tier in a real Redis: shared, tenant by tenant, and never in the way."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from builders import config, decision
from cache_builders import HELLO, completion, respond
from prometheus_client import CollectorRegistry
from redis_server import RedisServer, needs_redis
from state_builders import RecordingListener
from waiting import until

from extproc.cache import AnswerCache
from extproc.cache.depot import depot
from extproc.cache.question import space
from extproc.config import RedisServer as Named
from extproc.context import Context
from extproc.exchange import Exchange
from extproc.request import Api, parse
from extproc.stages import Stage
from extproc.state import Store

pytestmark = needs_redis


@pytest.fixture(name="redis")
def _redis(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path) as server:
        yield server


class Process:
    """One process of a router."""

    def __init__(self, redis: RedisServer) -> None:
        named = {"url": redis.url, "deadline_seconds": 1.0}
        made = config(state={"redis": named}, cache={})
        self.listener = RecordingListener()
        self.store = Store(made.state, self.listener)
        self.cache = AnswerCache(self.store, CollectorRegistry(), every=0.02)
        self.stage: Stage = self.cache.stages(made)[0]

    async def turn(self, tenant: str = "", text: str = "Hi.") -> str:
        """One request, answered by a tier with `text` where it must be."""
        exchange = Exchange(headers={}, api=Api.CHAT, request=parse(Api.CHAT, HELLO), body=HELLO)
        exchange.context = Context(tenant=tenant)
        results = await self.store.run(self.stage.asks(exchange))
        assert self.stage.told(exchange, results) is None
        respond(exchange, decision(), completion(text))
        await asyncio.sleep(0)  # what was sent leaves in the next turn
        assert self.store._cargo is not None
        await asyncio.gather(*self.store._cargo._trips)
        return exchange.facts["cache"]


@asynccontextmanager
async def processes(redis: RedisServer, many: int) -> AsyncIterator[list[Process]]:
    """So many, stopped at the end."""
    made = [Process(redis) for _ in range(many)]
    try:
        for one in made:
            await one.cache.start()
        yield made
    finally:
        for one in made:
            await one.cache.stop()
            await one.store.stop()


async def test_what_one_process_keeps_all_know(redis: RedisServer) -> None:
    """Within the tenant, and for as long as the terms say."""
    async with processes(redis, 2) as (one, other):
        assert ["miss", "hit", "miss"] == [
            await one.turn("a"),
            await other.turn("a"),
            await other.turn("b"),
        ]
    keys = [word for word in redis.said("KEYS", "*").split() if word.startswith("tiergate:")]
    left = int(redis.said("PTTL", keys[0]).strip(":\r\n"))

    assert {space("a"), space("b")} == {key.split(":")[3] for key in keys}
    assert 3_500_000 < left <= 3_600_000


async def test_nothing_of_what_was_asked_is_in_a_key(redis: RedisServer) -> None:
    """Neither the tenant's name nor a word of the question."""
    async with processes(redis, 1) as (one,):
        await one.turn("acme")
    keys = redis.said("KEYS", "*")

    assert "acme" not in keys
    assert "hello" not in keys


@pytest.mark.parametrize(
    ("tenant", "expected"), [("a", ["miss", "hit"]), (None, ["miss", "miss"])], ids=["one", "all"]
)
async def test_a_purge_reaches_every_process(
    redis: RedisServer, tenant: str | None, expected: list[str]
) -> None:
    """What is in Redis goes at once, what a process keeps within a second or two."""
    async with processes(redis, 2) as (one, other):
        for name in ("a", "b"):
            await one.turn(name)
            await other.turn(name)
        with depot(Named(url=redis.url), tenant) as answers:
            assert (2 if tenant is None else 1) == await asyncio.to_thread(answers.purge)

        async def purged() -> bool:
            """Whether both have heard of it."""
            return all(one.cache._answers and one.cache._answers.purges for one in (one, other))

        await until(purged)
        assert expected == [await one.turn("a", "New."), await one.turn("b", "New.")]


@pytest.mark.parametrize("harm", ["kill", "pause"])
async def test_a_redis_that_is_gone_is_not_missed(redis: RedisServer, harm: str) -> None:
    """The process goes on with what it keeps."""
    async with processes(redis, 2) as (one, other):
        await one.turn()
        getattr(redis, harm)()

        assert ["hit", "miss", "hit"] == [await one.turn(), await other.turn(), await other.turn()]


async def test_a_full_redis_is_not_missed_either(redis: RedisServer) -> None:
    """What it does not take, the process keeps."""
    redis.said("CONFIG", "SET", "maxmemory", "1")
    async with processes(redis, 2) as (one, other):
        assert ["miss", "hit", "miss"] == [await one.turn(), await one.turn(), await other.turn()]


async def test_what_another_version_wrote_is_not_read(redis: RedisServer) -> None:
    """It is as if it was not there."""
    async with processes(redis, 2) as (one, other):
        await one.turn()
        (key,) = (w for w in redis.said("KEYS", "*").split() if w.startswith("tiergate:"))
        redis.said("SET", key, "something else")

        assert "miss" == await other.turn()
