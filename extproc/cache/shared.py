"""The second tier: answers in Redis, and since when a tenant's older ones do not count.

Without Redis there is no second tier: memory for state is not for answers, so the local side of
each operation has nothing and keeps nothing.
"""

from typing import Final, cast

from extproc.cache.answer import Entry, decode, encode
from extproc.state import Call, Operation, Result

PREFIX: Final = "cache:answer:"
PURGES: Final = "cache:purges"
ALL: Final = "*"
"""Stands for every tenant."""

GET: Final = Operation(
    name="cache_get",
    script="return redis.call('GET', KEYS[1])",
    local=lambda memory, keys, args: None,  # noqa: ARG005 - an operation's shape
)
PUT: Final = Operation(
    name="cache_put",
    script="redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return false",
    local=lambda memory, keys, args: None,  # noqa: ARG005
)
PURGED: Final = Operation(
    name="cache_purged",
    script="return redis.call('HGETALL', KEYS[1])",
    local=lambda memory, keys, args: None,  # noqa: ARG005
)


def get(place: str) -> Call:
    """Ask for the entry of a place."""
    return Call(operation=GET, keys=(PREFIX + place,))


def put(place: str, entry: Entry, seconds: float) -> Call:
    """Keep an entry there."""
    return Call(operation=PUT, keys=(PREFIX + place,), args=(encode(entry), round(1000 * seconds)))


def entry(result: Result) -> Entry | None:
    """What `get` gave."""
    return decode(result) if isinstance(result, bytes) else None


def purged() -> Call:
    """Ask since when older answers do not count."""
    return Call(operation=PURGED, keys=(PURGES,))


def purges(result: Result) -> dict[str, float] | None:
    """Seconds of the wall by tenant's space, or None where Redis did not say."""
    if not isinstance(result, list):
        return None
    texts = cast("list[bytes]", result)
    return {key.decode(): float(at) for key, at in zip(texts[::2], texts[1::2], strict=True)}
