"""What shared state keeps of a conversation: its tier, its replica's key, and since when.

The age follows from what is left of the time to live, so replicas need no common clock, and reading
writes nothing: a Redis that is full or read-only still answers.
"""

from typing import Final, cast

from extproc.context import Remembered
from extproc.state import Arg, Call, Memory, Operation, Result

_RECALL: Final = """
local value = redis.call('GET', KEYS[1])
if not value then return false end
return {value, tonumber(ARGV[1]) - redis.call('PTTL', KEYS[1])}
"""
_REMEMBER: Final = """
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return false
"""


def _recall(memory: Memory, keys: tuple[str, ...], args: tuple[Arg, ...]) -> Result:
    del args
    entry = memory.get(keys[0])
    if entry is None:
        return None
    value, since = entry
    return [value, int(1000 * (memory.now() - since))]


def _remember(memory: Memory, keys: tuple[str, ...], args: tuple[Arg, ...]) -> Result:
    value, milliseconds = args
    memory.put(keys[0], (cast("str", value).encode(), memory.now()), float(milliseconds) / 1000)
    return None


RECALL: Final = Operation(name="affinity_recall", script=_RECALL, local=_recall)
REMEMBER: Final = Operation(name="affinity_remember", script=_REMEMBER, local=_remember)


def recall(key: str, ttl: float) -> Call:
    """Ask for what is kept under `key` for `ttl` seconds at a time."""
    return Call(operation=RECALL, keys=(_place(key),), args=(round(1000 * ttl),))


def remember(key: str, tier: str, pod: str, ttl: float) -> Call:
    """Keep it, in place of what was there."""
    return Call(operation=REMEMBER, keys=(_place(key),), args=(f"{tier} {pod}", round(1000 * ttl)))


def remembered(result: Result) -> tuple[Remembered, str] | None:
    """The tier, its age in seconds, and the key of the replica, from the result of `recall`."""
    if not isinstance(result, list):
        return None
    value, idle = result
    tier, _, pod = cast("bytes", value).decode().partition(" ")
    return Remembered(tier=tier, idle=max(cast("int", idle), 0) / 1000), pod


def _place(key: str) -> str:
    return f"affinity:{key}"
