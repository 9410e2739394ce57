"""Where tenants are kept."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
from builders import config
from redis_server import RedisServer, needs_redis
from tenancy_builders import registered, tenanted

from extproc.state import Memory
from extproc.tenancy.storage import READ, FileStorage, RedisStorage, Storage, storage
from extproc.tenancy.values import Registry, RegistryError

ONE = registered().registry
TWO = registered("umbrella", registry=ONE).registry


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for all tests of this module."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as running:
        yield running


def in_redis(url: str) -> Storage:
    """What a config with that Redis uses."""
    return storage(config(tenants={"plans": {"standard": {}}}, state={"redis": {"url": url}}))


@pytest.fixture(params=["file", pytest.param("redis", marks=needs_redis)])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    """An empty place of either kind."""
    if request.param == "file":
        made: Storage = FileStorage(tmp_path / "tenants.json")
    else:
        redis = request.getfixturevalue("server")
        redis.said("FLUSHALL")
        made = in_redis(redis.url)
    yield made
    await made.close()


@pytest.fixture
async def redis(server: RedisServer) -> AsyncIterator[Storage]:
    """An empty place in Redis."""
    server.said("FLUSHALL")
    made = in_redis(server.url)
    yield made
    await made.close()


def test_the_config_says_where() -> None:
    """Redis for all replicas, where there is one."""
    assert isinstance(storage(tenanted()), FileStorage)
    assert isinstance(in_redis("redis://127.0.0.1:1/0"), RedisStorage)


async def test_an_empty_place_is_an_empty_registry(kept: Storage) -> None:
    """Before the first tenant was made."""
    assert Registry() == await kept.read(None)


async def test_what_was_written_is_read(kept: Storage) -> None:
    """By whoever knew nothing, and by whoever knew what was there before."""
    assert await kept.write(Registry(), ONE)
    assert ONE == await kept.read(None)
    assert await kept.write(ONE, TWO)
    assert TWO == await kept.read(ONE)


async def test_what_has_not_changed_is_not_read_again(kept: Storage) -> None:
    """The reader gets back what it has."""
    await kept.write(Registry(), ONE)
    known = await kept.read(None)

    assert await kept.read(known) is known


async def test_a_change_in_between_is_not_overwritten(kept: Storage) -> None:
    """Of two operators at the same moment, one must try again."""
    assert await kept.write(Registry(), ONE)

    assert not await kept.write(Registry(), TWO)
    assert ONE == await kept.read(None)


async def test_a_registry_that_was_never_there_is_empty(kept: Storage) -> None:
    """And nothing has changed for who knows that."""
    empty = await kept.read(None)

    assert Registry() == empty
    assert empty is await kept.read(empty)


async def test_a_file_that_is_gone_is_no_registry(tmp_path: Path) -> None:
    """It is said each time: a deletion is not a revocation."""
    kept = FileStorage(tmp_path / "tenants.json")

    for _ in range(2):
        with pytest.raises(RegistryError, match="gone"):
            await kept.read(TWO)


@needs_redis
async def test_a_redis_that_came_back_empty_is_filled_again(redis: Storage) -> None:
    """With what a replica knows; others find it there."""
    await redis.read(TWO)
    await redis.read(TWO)

    assert TWO == await redis.read(None)


@needs_redis
async def test_a_redis_with_an_older_registry_gets_the_newer(redis: Storage) -> None:
    """What was revoked since the backup stays revoked."""
    await redis.write(Registry(), ONE)

    assert TWO == await redis.read(TWO)
    assert TWO == await redis.read(None)


@needs_redis
async def test_a_broken_registry_in_redis_is_an_error(server: RedisServer, redis: Storage) -> None:
    """It is not taken for an empty one."""
    server.said("HSET", "tiergate:tenants", "version", "7", "document", "{")

    with pytest.raises(RegistryError, match="not what was written"):
        await redis.read(None)


async def test_a_redis_that_is_away_is_an_error() -> None:
    """It is for the reader to go on with what it knows."""
    away = in_redis("redis://127.0.0.1:1/0")

    with pytest.raises(RegistryError, match="does not answer: connection"):
        await away.read(None)
    await away.close()


def test_the_registry_is_never_a_processes_own() -> None:
    """Redis alone answers for it, or nobody."""
    with pytest.raises(RuntimeError, match="only Redis keeps"):
        READ.local(Memory(), ("tenants",), ())


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff", b'{"tenants": {"a b": {"plan": "x"}}}']
)
async def test_a_broken_file_is_an_error_each_time(content: bytes, tmp_path: Path) -> None:
    """Until it is mended: what was known before may not be what is in force."""
    file = tmp_path / "tenants.json"
    file.write_bytes(content)
    kept = FileStorage(file)

    for _ in range(2):
        with pytest.raises(RegistryError, match="not what was written"):
            await kept.read(ONE)
    file.write_bytes(msgspec.json.encode(TWO))
    assert TWO == await kept.read(ONE)


async def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """Such as a folder."""
    with pytest.raises(RegistryError, match="cannot read"):
        await FileStorage(tmp_path).read(None)


async def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """Such as one in a folder that is not there."""
    with pytest.raises(RegistryError, match="cannot write"):
        await FileStorage(tmp_path / "none" / "tenants.json").write(Registry(), ONE)


async def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """It holds no keys, and yet who is a tenant is nobody's business."""
    file = tmp_path / "tenants.json"
    await FileStorage(file).write(Registry(), ONE)

    assert 0o600 == os.stat(file).st_mode & 0o777  # noqa: PTH116 - as the system says it
