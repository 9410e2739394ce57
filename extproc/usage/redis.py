"""The ledger in Redis: one hash a day, one script a record, many records in one round trip.

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


def elsewhere(memory: Memory, keys: tuple[str, ...], args: tuple[Arg, ...]) -> Result:
    """What a ledger that is shared would be in one process: nothing. It waits for Redis."""
    raise RuntimeError(f"only Redis keeps {keys}: {len(args)} arguments, {len(memory)} entries")


COUNT: Final = Operation(
    name="ledger_count",
    script="""
if not redis.call('SET', KEYS[1], '', 'NX', 'EX', ARGV[1]) then return 0 end
for i = 4, #ARGV, 2 do redis.call('HINCRBY', KEYS[2], ARGV[3] .. ARGV[i], ARGV[i + 1]) end
redis.call('EXPIRE', KEYS[2], ARGV[2])
return 1
""",
    local=elsewhere,
)
"""Keys: the id, the day. Arguments: the seconds that each stays, the group, then column, amount."""
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
        return sum(cast("Sequence[int]", await self._run([self._call(one) for one in entries])))

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

    def _call(self, entry: Entry) -> Call:
        group = entry.group
        amounts = [part for item in entry.amounts.items() if item[1] for part in item]
        named = msgspec.json.encode((group.tenant, group.tier, group.model))
        return Call(
            operation=COUNT,
            keys=(f"ledger:id:{entry.id}", _key(group.day)),
            args=(self._replay_seconds, self._keep_seconds, named, *amounts),
        )

    async def _run(self, calls: Sequence[Call]) -> Sequence[Result]:
        try:
            return await self._redis.run(calls)
        except Failure as failure:
            raise LedgerError(failure.kind, f"Redis: {failure.kind}") from failure


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
