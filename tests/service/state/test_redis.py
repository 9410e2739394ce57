"""Shared state in a real Redis that goes away and comes back."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from builders import config
from redis_server import RedisServer, needs_redis
from state_builders import WRONG, RecordingListener, count
from waiting import until

from extproc.config import RedisServer as Section
from extproc.state import Call, Store
from extproc.state.redis import Redis
from extproc.state.store import PAUSE

pytestmark = needs_redis
DEADLINE = 0.5
SECRET = "abracadabra"  # noqa: S105 - of a server that lives for one test
VARIABLE = "TIERGATE_TEST_REDIS"


_NONE = Section(url="redis://127.0.0.1:1")


class Clock:
    """Real seconds, and those that a test adds."""

    def __init__(self) -> None:
        self.added = 0.0

    def __call__(self) -> float:
        """Now."""
        return monotonic() + self.added


@pytest.fixture(name="redis")
def _redis(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path) as server:
        yield server


class Client:
    """A store with its listener and clock."""

    def __init__(self, redis: RedisServer, **settings: object) -> None:
        self.listener = RecordingListener()
        self.clock = Clock()
        named = {"url": redis.url, "deadline_seconds": DEADLINE, **settings}
        self.store = Store(config(state={"redis": named}).state, self.listener, clock=self.clock)


async def test_replicas_share_what_they_count(redis: RedisServer) -> None:
    """Under keys that begin with the prefix."""
    one, two = Client(redis), Client(redis)
    try:
        results = [await client.store.run([count("a")]) for client in (one, two, one)]
    finally:
        await asyncio.gather(one.store.stop(), two.store.stop())

    assert [[1], [2], [3]] == [list(result) for result in results]
    assert "$1\r\n3\r\n" == redis.said("GET", "tiergate:a")
    assert (["ok", "ok"], ["ok"]) == (one.listener.trips, two.listener.trips)


async def test_what_was_posted_is_there_after_the_end(redis: RedisServer) -> None:
    """Stopping waits for it."""
    client = Client(redis)
    client.store.post([count("a", 4)])
    await client.store.stop()

    assert "$1\r\n4\r\n" == redis.said("GET", "tiergate:a")


async def test_much_data_goes_its_own_way(redis: RedisServer) -> None:
    """A second is its deadline, and its failure says nothing of what requests wait for."""
    client = Client(redis)
    client.store.send([count("a", 2)])
    await until(lambda: _holds(redis, "2"))
    redis.pause()
    client.store.send([count("a")])
    await until(lambda: _has(client.listener.trips, "timeout"))
    shared = client.store.shared
    redis.resume()
    await client.store.stop()

    assert shared


async def _holds(redis: RedisServer, value: str) -> bool:
    return redis.said("GET", "tiergate:a") == f"${len(value)}\r\n{value}\r\n"


async def _has(trips: list[str], kind: str) -> bool:
    return kind in trips


async def test_without_redis_much_data_is_dropped() -> None:
    """It is kept nearer by then."""
    store = Store(config().state, RecordingListener())
    store.send([count("a")])
    await store.stop()

    assert 0 == len(store.memory)


async def test_who_comes_first_connects_for_all(redis: RedisServer) -> None:
    """One connection, whoever asks while it is made."""
    client = Redis(config(state={"redis": {"url": redis.url}}).state.redis or _NONE)
    results = await asyncio.gather(*(client.run([count("a")], 5.0) for _ in range(5)))
    connected = redis.said("INFO", "clients")
    await client.close()

    assert [1, 2, 3, 4, 5] == sorted(number for (number,) in results if isinstance(number, int))
    assert "connected_clients:2\r" in connected


async def test_a_redis_started_again_learns_the_scripts_anew(redis: RedisServer) -> None:
    """It has forgotten them and its data; no request sees more than the loss."""
    client = Client(redis)
    try:
        before = await client.store.run([count("a")])
        redis.kill()
        away = await client.store.run([count("a")])
        redis.start()
        client.clock.added += PAUSE
        back = await client.store.run([count("a"), count("a")])
    finally:
        await client.store.stop()

    assert ([1], [1], [1, 2]) == (list(before), list(away), list(back))
    assert ["ok", "connection", "ok"] == client.listener.trips


async def test_a_redis_that_hangs_costs_one_deadline(redis: RedisServer) -> None:
    """Then it is left alone for a while, and this process answers at once."""
    client = Client(redis)
    try:
        await client.store.run([count("a")])
        redis.pause()
        started = monotonic()
        first = await client.store.run([count("a")])
        took = monotonic() - started
        rest = [await client.store.run([count("a")]) for _ in range(100)]
        in_all = monotonic() - started
        client.store.post([count("a")])
        shared = client.store.shared
        redis.resume()
        client.clock.added += PAUSE
        await until(lambda: _answers(client))
    finally:
        await client.store.stop()

    assert DEADLINE <= took < DEADLINE + 0.5
    assert ([1], [101], False) == (list(first), list(rest[-1]), shared)
    assert in_all < took + 0.5
    assert ["ok", "timeout"] == client.listener.trips[:2]


async def _answers(client: Client) -> bool:
    """Whether Redis has answered once more; its pause is skipped."""
    client.clock.added += PAUSE
    await client.store.run([count("b")])
    return client.listener.trips[-1] == "ok"


async def test_a_full_redis_is_a_response_that_failed(redis: RedisServer) -> None:
    """Nothing is written there, so this process counts."""
    client = Client(redis)
    redis.said("CONFIG", "SET", "maxmemory", "1")
    try:
        results = [list(await client.store.run([count("a")])) for _ in range(2)]
    finally:
        await client.store.stop()

    assert [[1], [2]] == results
    assert ["response"] == client.listener.trips


async def test_a_wrong_script_is_no_end(redis: RedisServer) -> None:
    """A bug of ours costs what a Redis that is away costs."""
    client = Client(redis)
    try:
        results = await client.store.run([Call(operation=WRONG, keys=("a",)), count("a")])
    finally:
        await client.store.stop()

    assert [None, 1] == list(results)
    assert ["response"] == client.listener.trips


async def test_the_password_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong one is a failure like any other, and none is ever shown."""
    with RedisServer(tmp_path, password=SECRET) as redis:
        trips = []
        for password in (SECRET, "sesame"):
            monkeypatch.setenv(VARIABLE, password)
            client = Client(redis, password_env=VARIABLE)
            await client.store.run([count("a")])
            await client.store.stop()
            trips.append(client.listener.trips)

    assert [["ok"], ["response"]] == trips
