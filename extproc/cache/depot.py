"""The second tier as an operator sees it: what is in Redis, and how it is purged."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Final, cast

from msgspec import Struct
from redis import Redis
from redis.exceptions import RedisError

from extproc.cache.question import space
from extproc.cache.shared import ALL, PREFIX, PURGES
from extproc.config import RedisServer
from extproc.errors import TiergateError

_MANY: Final = 500
_SECONDS: Final = 5.0


class Stock(Struct, frozen=True, kw_only=True):
    """What is kept; `size` is in bytes."""

    entries: int
    size: int


@contextmanager
def depot(server: RedisServer, tenant: str | None = None) -> Iterator["Depot"]:
    """The answers in one Redis, all or those of one tenant; TiergateError where it does not answer,
    or not as it should.
    """
    password = os.environ.get(server.password_env) or None
    made = Redis.from_url(
        server.url, username=server.username, password=password, socket_timeout=_SECONDS
    )
    try:
        yield Depot(made, server.prefix, ALL if tenant is None else space(tenant))
    except RedisError as error:
        raise TiergateError(f"Redis: {error}") from error
    finally:
        made.close()


class Depot:
    """Answers whose keys begin with `prefix`, of one tenant's space or of all."""

    def __init__(self, client: Redis, prefix: str, space: str) -> None:
        self._client = client
        self._prefix = prefix
        self._space = space

    def stock(self) -> Stock:
        """What there is."""
        entries = size = 0
        for keys in self._batches():
            pipeline = self._client.pipeline(transaction=False)
            for key in keys:
                pipeline.strlen(key)
            sizes = cast("list[int]", pipeline.execute())
            entries += sum(map(bool, sizes))
            size += sum(sizes)
        return Stock(entries=entries, size=size)

    def purge(self) -> int:
        """Remove them, and have every process forget its own within a second or two; how many
        there were. What is stored from now on counts again.
        """
        seconds, micros = self._client.time()
        at = seconds + micros / 1e6
        self._client.hset(self._prefix + PURGES, self._space, repr(at))
        return sum(self._client.unlink(*keys) for keys in self._batches())

    def _batches(self) -> Iterator[list[bytes]]:
        pattern = f"{self._prefix}{PREFIX}{self._space}:*"
        keys = cast("Iterator[bytes]", self._client.scan_iter(pattern, count=_MANY))
        while batch := [*islice(keys, _MANY)]:
            yield batch
