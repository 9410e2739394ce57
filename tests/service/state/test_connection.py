"""Commands that are pipelined on one connection to a real Redis."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import hiredis
import pytest
from redis_server import RedisServer, needs_redis

from extproc.state.connection import Connection, connect

pytestmark = needs_redis
SECRET = "abracadabra"  # noqa: S105 - of a server that lives for one test


@pytest.fixture(name="redis")
def _redis(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path, unixsocket=str(tmp_path / "redis.sock")) as server:
        yield server


@asynccontextmanager
async def connected(url: str, password: str | None = None) -> AsyncIterator[Connection]:
    """A connection, closed at the end."""
    connection = await connect(url, None, password)
    try:
        yield connection
    finally:
        connection.close()


async def test_each_gets_its_own_replies(redis: RedisServer) -> None:
    """In order, whoever asked at the same moment; an error is a reply like any other."""
    async with connected(redis.url) as connection:
        first, second, third = await asyncio.gather(
            connection.ask([("SET", "a", 1), ("GET", "a")]),
            connection.ask([("NONSENSE",)]),
            connection.ask([("INCRBY", "a", 4), ("GET", b"b")]),
        )

    assert ([b"OK", b"1"], [5, None]) == (first, third)
    assert [hiredis.ReplyError] == [type(reply) for reply in second]


async def test_who_asks_nothing_waits_for_nothing(redis: RedisServer) -> None:
    """Nor takes the replies of whoever asks next."""
    async with connected(redis.url) as connection, asyncio.timeout(1):
        nothing, something = await asyncio.gather(connection.ask([]), connection.ask([("PING",)]))

    assert ([], [b"PONG"]) == (nothing, something)


async def test_a_reply_may_come_in_pieces(redis: RedisServer) -> None:
    """A megabyte does not fit into one reading."""
    long = "x" * (1 << 20)
    async with connected(redis.url) as connection:
        assert [b"OK", long.encode()] == await connection.ask([("SET", "a", long), ("GET", "a")])


async def test_a_unix_socket_will_do(redis: RedisServer, tmp_path: Path) -> None:
    """By its path."""
    async with connected(f"unix://{tmp_path / 'redis.sock'}") as connection:
        assert [b"PONG"] == await connection.ask([("PING",)])
    assert redis.answers()


async def test_the_urls_database_is_used(redis: RedisServer) -> None:
    """What is written there is not in another one."""
    async with connected(redis.url[:-1] + "3") as three, connected(redis.url) as zero:
        await three.ask([("SET", "a", 1)])

        assert ([b"1"], [None]) == (await three.ask([("GET", "a")]), await zero.ask([("GET", "a")]))


async def test_a_database_that_is_not_there_is_refused(redis: RedisServer) -> None:
    """In Redis's own words."""
    with pytest.raises(hiredis.ReplyError, match="out of range"):
        await connect(redis.url[:-1] + "99", None, None)


@pytest.mark.parametrize("username", [None, "default"])
async def test_a_password_is_said_first(tmp_path: Path, username: str | None) -> None:
    """With the user's name where there is one; a wrong one is refused."""
    with RedisServer(tmp_path, password=SECRET) as redis:
        connection = await connect(redis.url, username, SECRET)
        assert [b"PONG"] == await connection.ask([("PING",)])
        connection.close()
        with pytest.raises(hiredis.ReplyError, match="WRONGPASS"):
            await connect(redis.url, username, "sesame")


async def test_who_waits_is_told_when_it_is_lost(redis: RedisServer) -> None:
    """And who comes later at once."""
    connection = await connect(redis.url, None, None)
    redis.pause()
    waiting = asyncio.ensure_future(connection.ask([("PING",)]))
    await asyncio.sleep(0.01)
    redis.resume()
    connection.close()

    with pytest.raises(ConnectionError):
        await waiting
    with pytest.raises(ConnectionError):
        await connection.ask([("PING",)])
    assert not connection.is_open
    connection.close()


async def test_who_has_gone_is_not_told(redis: RedisServer) -> None:
    """The next one gets its own reply."""
    async with connected(redis.url) as connection:
        gone = asyncio.ensure_future(connection.ask([("SET", "a", 1)]))
        await asyncio.sleep(0)
        gone.cancel()

        assert [b"1"] == await connection.ask([("GET", "a")])
    assert gone.cancelled()


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n", b"+OK\r\n+OK\r\n"])
async def test_what_is_no_redis_is_let_go(said: bytes) -> None:
    """Another protocol, or replies that nobody asked for."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Whatever is asked."""
        writer.write(said)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connection = await connect(f"redis://127.0.0.1:{port}", None, None)
    try:
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(_asked_twice(connection), 5)
    finally:
        server.close()


async def _asked_twice(connection: Connection) -> None:
    for _ in range(2):
        await connection.ask([("PING",)])
        await asyncio.sleep(0.05)


async def test_nobody_there_is_an_error() -> None:
    """As the system has it."""
    with pytest.raises(OSError, match="Connect call failed"):
        await connect("redis://127.0.0.1:1", None, None)
