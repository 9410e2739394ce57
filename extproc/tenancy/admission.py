"""All limits of one tenant in one step: asked together, and counted only where all of them allow.

Requests and tokens are counted by the second, and what is older than a minute falls out: a limit of
60 admits at most 60 in any 60 seconds, at whatever pace. (The generic cell rate algorithm of ITU-T
I.371 would need one number where this has 61. It spends a burst and a steady rate from separate
accounts: with a whole minute's burst it admits nearly twice the limit in the first minute, and with
less it refuses what a client may well send at once.)

A request under way is a lease, with the second at which it began. One that nobody ends counts as
concurrent no longer than `lease_seconds`. Redis knows of it for a day, so that what a longer one
cost is still counted; a process that granted it by itself forgets it then.
"""

from enum import IntEnum, unique
from itertools import accumulate, takewhile
from typing import Final, cast, final

from msgspec import Struct

from extproc.state import Arg, Call, Memory, Operation, Result

MINUTE: Final = 60
LOCAL: Final = "~"
"""Begins a lease that a process granted by itself, without Redis or before its answer came."""


@final
@unique
class Verdict(IntEnum):
    """What stands in the way; the number is the script's."""

    ADMITTED = 0
    BUDGET = 1
    CONCURRENCY = 2
    REQUESTS = 3
    TOKENS = 4


class Wish(Struct, frozen=True, kw_only=True):
    """What a request needs, and of what: limits are 0 where there are none; the budget is in
    micro-dollars. An empty `lease` is not kept: nothing needs to be told of the request's end.
    """

    lease: str
    requests_per_minute: int
    tokens_per_minute: int
    tokens: int
    concurrent_requests: int
    lease_seconds: int
    budget: int


class Admission(Struct, frozen=True, kw_only=True):
    """What came of it. `requests` and `tokens` are left in this minute; all of them are there again
    after `requests_ms` and `tokens_ms`; a refused request may be tried again after `retry_ms`.
    `spent` is the month's, in micro-dollars; `local` says that Redis was not asked.
    """

    verdict: Verdict
    requests: int
    requests_ms: int
    tokens: int
    tokens_ms: int
    retry_ms: int
    spent: int
    local: bool


def admit(tenant: str, month: str, wish: Wish) -> Call:
    """The call whose result `admission` reads."""
    return Call(
        operation=ADMIT,
        keys=(
            f"limit:{{{tenant}}}:requests",
            f"limit:{{{tenant}}}:tokens",
            leases_key(tenant),
            spent_key(tenant, month),
        ),
        args=(
            wish.lease,
            wish.requests_per_minute,
            wish.tokens_per_minute,
            wish.tokens,
            wish.concurrent_requests,
            wish.lease_seconds,
            wish.budget,
        ),
    )


def admission(result: Result) -> Admission:
    """What a call of `admit` has come to."""
    verdict, requests, requests_ms, tokens, tokens_ms, retry_ms, spent, local = cast(
        "list[int]", result
    )
    return Admission(
        verdict=Verdict(verdict),
        requests=requests,
        requests_ms=requests_ms,
        tokens=tokens,
        tokens_ms=tokens_ms,
        retry_ms=retry_ms,
        spent=spent,
        local=bool(local),
    )


def leases_key(tenant: str) -> str:
    """Where a tenant's requests under way are. The braces keep all of a tenant on one shard."""
    return f"limit:{{{tenant}}}:leases"


def tokens_key(tenant: str) -> str:
    """Where a tenant's tokens of the last minute are."""
    return f"limit:{{{tenant}}}:tokens"


def spent_key(tenant: str, month: str) -> str:
    """Where a tenant's micro-dollars of a month, as `2026-11`, are."""
    return f"limit:{{{tenant}}}:spent:{month}"


class Lease(Struct, frozen=True, kw_only=True):
    """A request under way: the second at which it began, and the tokens it was counted for."""

    began: int
    tokens: int


class Window:
    """What was counted in the last minute, by the second."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        """In the order of the seconds."""
        self._total = 0
        self._last = 0

    def used(self, now: int) -> int:
        """The sum."""
        while self._counts and (oldest := next(iter(self._counts))) < now - MINUTE:
            self._total -= self._counts.pop(oldest)
        return self._total

    def add(self, second: int, amount: int) -> None:
        """Count in a second that is the last one."""
        self._counts[second] = self._counts.get(second, 0) + amount
        self._total += amount
        self._last = max(self._last, second)

    def give_back(self, second: int, amount: int) -> None:
        """Of what was counted in a second, unless that has fallen out since."""
        if second in self._counts:
            self._counts[second] -= amount
            self._total -= amount

    def full_again(self) -> int:
        """The second at which nothing counts any more."""
        return self._last + MINUTE + 1

    def room(self, needed: int) -> int:
        """The second at which `needed`, which is no more than all, will have fallen out."""
        fallen = zip(self._counts, accumulate(self._counts.values()), strict=True)
        return next(second for second, amount in fallen if amount >= needed) + MINUTE + 1


def window(memory: Memory, key: str) -> Window:
    """The one of that key."""
    found: Window | None = memory.get(key)
    return Window() if found is None else found


def leases_of(memory: Memory, key: str) -> dict[str, Lease]:
    """Those of a tenant in this process."""
    found: dict[str, Lease] | None = memory.get(key)
    return {} if found is None else found


def own_share(limit: int, memory: Memory) -> int:
    """What this process grants of a limit by itself; something, for a tenant that may have any."""
    return max(1, int(limit * memory.share)) if limit else 0


def _admit(memory: Memory, keys: tuple[str, ...], args: tuple[Arg, ...]) -> Result:
    """As the script, by this process's own share."""
    lease, *numbers = map(str, args)
    requests, per_minute, reserved, concurrent, lease_seconds, budget = map(int, numbers)
    limits = own_share(requests, memory), own_share(per_minute, memory)
    wanted = 1, min(reserved, limits[1])
    ms = int(memory.now() * 1000)
    now = ms // 1000
    windows = window(memory, keys[0]), window(memory, keys[1])
    leases = _under_way(memory, keys[2], now - lease_seconds)
    spent = int(memory.get(keys[3]) or 0)
    verdict, retry = Verdict.ADMITTED, ms
    if budget and spent >= budget:
        verdict = Verdict.BUDGET
    elif concurrent and len(leases) >= own_share(concurrent, memory):
        verdict, retry = Verdict.CONCURRENCY, ms + 1000
    else:
        verdict, retry = _within(windows, limits, wanted, ms)
    if verdict is Verdict.ADMITTED:
        for key, one, limit, amount in zip(keys, windows, limits, wanted, strict=False):
            if limit:
                one.add(now, amount)
                memory.put(key, one, MINUTE + 2)
        if lease:
            leases[f"{LOCAL}{lease}"] = Lease(began=now, tokens=wanted[1])
            memory.put(keys[2], leases, lease_seconds)
    said = [verdict.value]
    for one, limit in zip(windows, limits, strict=True):
        said += [max(limit - one.used(now), 0), max(one.full_again() * 1000 - ms, 0)]
    return [*said, max(retry - ms, 0), spent, 1]


def _under_way(memory: Memory, key: str, since: int) -> dict[str, Lease]:
    """The leases of a tenant that began after `since`; the others are forgotten."""
    leases = leases_of(memory, key)
    for lease in list(takewhile(lambda name: leases[name].began <= since, leases)):
        del leases[lease]
    return leases


def _within(
    windows: tuple[Window, Window], limits: tuple[int, int], wanted: tuple[int, int], ms: int
) -> tuple[Verdict, int]:
    """Whether a minute has room, and otherwise when."""
    refusals = Verdict.REQUESTS, Verdict.TOKENS
    for one, limit, amount, refusal in zip(windows, limits, wanted, refusals, strict=True):
        over = one.used(ms // 1000) + amount - limit
        if limit and over > 0:
            return refusal, one.room(over) * 1000
    return Verdict.ADMITTED, ms


WINDOWS: Final = """
-- 'sum' is that of the seconds from 'at' - 60 to 'at'; those before now - 60 have fallen out since.
local function window(key, now)
  local kept = redis.call('HMGET', key, 'sum', 'at')
  local one = {used = tonumber(kept[1]) or 0, last = tonumber(kept[2]) or 0, gone = {}}
  for second = math.max(one.last, 60) - 60, math.min(one.last, now - 61) do
    local counted = redis.call('HGET', key, second)
    if counted then
      one.used = one.used - tonumber(counted)
      one.gone[#one.gone + 1] = second
    end
  end
  return one
end

local function count(key, one, now, amount)
  one.used, one.last = one.used + amount, math.max(one.last, now)
  if #one.gone > 0 then redis.call('HDEL', key, unpack(one.gone)) end
  redis.call('HINCRBY', key, now, amount)
  redis.call('HSET', key, 'sum', one.used, 'at', one.last)
  redis.call('EXPIRE', key, 62)
end
"""
"""What scripts do with a `Window` under a key: read it, and count in it."""
ADMIT: Final = Operation(
    name="tenants.admit",
    script=WINDOWS
    + """
local lease, tokens = ARGV[1], tonumber(ARGV[4])
local limits = {tonumber(ARGV[2]), tonumber(ARGV[3])}
local wanted = {1, math.min(tokens, limits[2])}
local concurrent, budget = tonumber(ARGV[5]), tonumber(ARGV[7])
local time = redis.call('TIME')
local now = tonumber(time[1])
local ms = now * 1000 + math.floor(tonumber(time[2]) / 1000)

local windows = {}
for i = 1, 2 do
  windows[i] = limits[i] > 0 and window(KEYS[i], now) or {used = 0, last = 0}
end

local function room(i, needed)
  for second = now - 60, now do
    needed = needed - tonumber(redis.call('HGET', KEYS[i], second) or 0)
    if needed <= 0 then return (second + 61) * 1000 end
  end
  return ms + 61000
end

local spent = tonumber(redis.call('GET', KEYS[4]) or 0)
local verdict, retry = 0, ms
if budget > 0 and spent >= budget then
  verdict = 1
elseif concurrent > 0
    and redis.call('ZCOUNT', KEYS[3], '(' .. (now - tonumber(ARGV[6])), '+inf') >= concurrent then
  verdict, retry = 2, ms + 1000
else
  for i = 1, 2 do
    local over = windows[i].used + wanted[i] - limits[i]
    if verdict == 0 and limits[i] > 0 and over > 0 then
      verdict, retry = 2 + i, room(i, over)
    end
  end
end

if verdict == 0 then
  for i = 1, 2 do
    if limits[i] > 0 then count(KEYS[i], windows[i], now, wanted[i]) end
  end
  if lease ~= '' then
    redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - 86400)
    redis.call('ZADD', KEYS[3], now, lease)
    redis.call('EXPIRE', KEYS[3], 86400)
  end
end
local said = {verdict}
for i = 1, 2 do
  said[#said + 1] = math.max(limits[i] - windows[i].used, 0)
  said[#said + 1] = math.max((windows[i].last + 61) * 1000 - ms, 0)
end
said[#said + 1] = math.max(retry - ms, 0)
said[#said + 1] = spent
said[#said + 1] = 0
return said
""",
    local=_admit,
    apart=True,
)
