"""The ledger in Redis: one hash a day, a script for a few records, all in one round trip.

A record that comes again while its id is known changes nothing, so a round trip whose answer was
lost is simply made again. What Redis loses in a crash is its own setting (`appendonly`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, cast

import msgspec
from msgspec.structs import replace

from extproc.config import RedisServer
from extproc.state import Arg, Call, Failure, Memory, Operation, Result
from extproc.state.redis import Redis
from extproc.usage.entry import Entry, Group
from extproc.usage.ledger import LedgerError, Row

_DEADLINE: Final = 2.0
"""Seconds for one round trip: nobody waits for it but the next one."""
_DAY_SECONDS: Final = 86_400
_TOGETHER: Final = 32
"""Records of one script: they hold up others for half a millisecond."""


def elsewhere(memory: Memory, keys: tuple[str, ...], args: tuple[Arg, ...]) -> Result:
    """What a ledger that is shared would be in one process: nothing. It waits for Redis."""
    raise RuntimeError(f"only Redis keeps {keys}: {len(args)} arguments, {len(memory)} entries")


COUNT: Final = Operation(
    name="ledger_count",
    script="""
local new = 0
for i, record in ipairs(cmsgpack.unpack(ARGV[3])) do
  local id, day = KEYS[2 * i - 1], KEYS[2 * i]
  if redis.call('SET', id, '', 'NX', 'EX', ARGV[1]) then
    new = new + 1
    for column, amount in pairs(record[2]) do
      redis.call('HINCRBY', day, record[1] .. column, amount)
    end
    redis.call('EXPIRE', day, ARGV[2])
  end
end
return new
""",
    local=elsewhere,
)
"""Keys: of each record the id, and the day. Arguments: the seconds that each stays, and by
MessagePack of each record its group and its amounts by column. Lua's numbers are exact to 2**53.
"""
READ: Final = Operation(
    name="ledger_read", script="return redis.call('HGETALL', KEYS[1])", local=elsewhere
)


class RedisLedger:
    """The ledger in one server. `replay_seconds` is how long an id is known again."""

    def __init__(self, config: RedisServer, *, replay_seconds: int, retention_days: int) -> None:
        self._redis = Redis(replace(config, deadline_seconds=_DEADLINE))
        self._replay_seconds = replay_seconds
        self._keep_seconds = (retention_days + 1) * _DAY_SECONDS

    async def write(self, entries: Sequence[Entry]) -> int:
        """One round trip; each record by itself is counted wholly or not at all."""
        starts = range(0, len(entries), _TOGETHER)
        calls = [self._call(entries[start : start + _TOGETHER]) for start in starts]
        return sum(cast("Sequence[int]", await self._run(calls)))

    async def read(self, since: str, until: str) -> Sequence[Row]:
        """By the day."""
        days = list(_days(since, until))
        found = await self._run([Call(operation=READ, keys=(_key(day),), args=()) for day in days])
        return [row for day, one in zip(days, found, strict=True) for row in _rows(day, one)]

    async def prune(self, before: str) -> None:
        """Nothing: each day goes by itself."""

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.close()

    def _call(self, entries: Sequence[Entry]) -> Call:
        keys = [key for one in entries for key in (f"ledger:id:{one.id}", _key(one.group.day))]
        packed = msgspec.msgpack.encode([_packed(one) for one in entries])
        args = (self._replay_seconds, self._keep_seconds, packed)
        return Call(operation=COUNT, keys=tuple(keys), args=args)

    async def _run(self, calls: Sequence[Call]) -> Sequence[Result]:
        try:
            return await self._redis.run(calls)
        except Failure as failure:
            raise LedgerError(failure.kind, f"Redis: {failure.kind}") from failure


def _packed(entry: Entry) -> tuple[str, Mapping[str, int]]:
    group = entry.group
    named = msgspec.json.encode((group.tenant, group.tier, group.model)).decode()
    return named, {column: amount for column, amount in entry.amounts.items() if amount}


def _key(day: str) -> str:
    return f"ledger:{day}"


def _days(since: str, until: str) -> Sequence[str]:
    first, last = date.fromisoformat(since), date.fromisoformat(until)
    return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


def _rows(day: str, found: Result) -> Sequence[Row]:
    """A field is a JSON list of three names, and the column right behind it."""
    said = cast("Sequence[bytes]", found)
    groups: dict[bytes, dict[str, int]] = defaultdict(dict)
    for field, amount in zip(said[::2], said[1::2], strict=True):
        named, _, column = field.rpartition(b"]")
        groups[named + b"]"][column.decode()] = int(amount)
    return [
        Row(group=_group(day, named), amounts=cast("Mapping[str, int]", amounts))
        for named, amounts in groups.items()
    ]


def _group(day: str, named: bytes) -> Group:
    tenant, tier, model = msgspec.json.decode(named, type=tuple[str, str, str])
    return Group(day=day, tenant=tenant, tier=tier, model=model)
