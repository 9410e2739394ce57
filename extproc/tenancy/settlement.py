"""What a request had reserved is put right once Envoy has said how it ended."""

from time import gmtime, strftime
from typing import Final

from extproc.decision import NO_TIER
from extproc.state import Arg, Call, Memory, Operation, Result
from extproc.telemetry import Completed
from extproc.tenancy.admission import (
    LOCAL,
    MINUTE,
    WINDOWS,
    leases_key,
    leases_of,
    spent_key,
    tokens_key,
    window,
)
from extproc.usage.entry import is_unknown, tier_of

LEASE: Final = "lease"
RESERVED: Final = "reserved"
"""Names of the facts by which whoever has the access log knows what is to be settled."""
_UNKNOWN: Final = -1
MONTH_SECONDS: Final = 40 * 86_400
_REPLAY_SECONDS: Final = 3600


def month_of(seconds: float) -> str:
    """The month (UTC) of that time, as `2026-11`."""
    return strftime("%Y-%m", gmtime(seconds))


def settle(record: Completed, lease: str) -> Call:
    """The call that settles one request.

    A tier that has worked without a word on tokens keeps all that was reserved, and costs what that
    is estimated at: to leave early must not be a way around a limit. A request that no tier worked
    on, as one that it refused or that the cache has answered, has used nothing.
    """
    tokens, tenant, used = record.tokens, record.tenant, 0
    if is_unknown(record):
        used = _UNKNOWN
    elif tokens is not None and tier_of(record) != NO_TIER:
        used = tokens.prompt + tokens.completion
    cost = (record.cost_microdollars or 0) + record.estimated_microdollars
    month = month_of(record.started)
    reserved = int(record.facts.get(RESERVED, 0))
    return _settlement(tenant, month, lease, reserved, used=used, cost=cost)


def give_back(tenant: str, month: str, lease: str, reserved: int) -> Call:
    """The call that settles a request of which there will be no record: it has used nothing."""
    return _settlement(tenant, month, lease, reserved, used=0, cost=0)


def _settlement(
    tenant: str, month: str, lease: str, reserved: int, *, used: int, cost: int
) -> Call:
    return Call(
        operation=SETTLE,
        keys=(
            tokens_key(tenant),
            leases_key(tenant),
            spent_key(tenant, month),
            f"limit:{{{tenant}}}:settled:{lease}",
        ),
        args=(lease, reserved, used, cost),
    )


def raise_spent(tenant: str, amount: int, month: str) -> Call:
    """The call that makes the month's sum at least `amount`, as the ledger knows it."""
    return Call(operation=RAISE, keys=(spent_key(tenant, month),), args=(amount,))


def _settle(memory: Memory, keys: tuple[str, ...], args: tuple[Arg, ...]) -> Result:
    """None, so that it is told from Redis, which says 0 or 1."""
    lease, _, used, cost = str(args[0]), args[1], int(args[2]), int(args[3])
    ended = leases_of(memory, keys[1]).pop(lease, None)
    if ended is None:
        return None
    if ended.tokens and used != _UNKNOWN:
        tokens = window(memory, keys[0])
        if used > ended.tokens:
            tokens.add(int(memory.now()), used - ended.tokens)
        else:
            tokens.give_back(ended.began, ended.tokens - used)
        memory.put(keys[0], tokens, MINUTE + 2)
    memory.put(keys[2], int(memory.get(keys[2]) or 0) + cost, MONTH_SECONDS)
    return None


def _raise(memory: Memory, keys: tuple[str, ...], args: tuple[Arg, ...]) -> Result:
    memory.put(keys[0], max(int(memory.get(keys[0]) or 0), int(args[0])), MONTH_SECONDS)
    return 1


SETTLE: Final = Operation(
    name="tenants.settle",
    script=WINDOWS
    + f"""
local lease, reserved, used = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
-- What a process has granted by itself may be here too: Redis was asked, and answered too late.
local apart = string.sub(lease, 1, 1) == '{LOCAL}'
if apart then lease = string.sub(lease, 2) end
local began = redis.call('ZSCORE', KEYS[2], lease)
if apart and not redis.call('SET', KEYS[4], '', 'NX', 'EX', {_REPLAY_SECONDS})
    or not apart and not began then
  return 0
end
redis.call('ZREM', KEYS[2], lease)
if began and reserved > 0 and used > reserved then
  local now = tonumber(redis.call('TIME')[1])
  count(KEYS[1], window(KEYS[1], now), now, used - reserved)
elseif began and reserved > 0 and used >= 0
    and redis.call('HEXISTS', KEYS[1], began) == 1 then
  redis.call('HINCRBY', KEYS[1], began, used - reserved)
  redis.call('HINCRBY', KEYS[1], 'sum', used - reserved)
end
if tonumber(ARGV[4]) > 0 then
  redis.call('INCRBY', KEYS[3], ARGV[4])
  redis.call('EXPIRE', KEYS[3], {MONTH_SECONDS})
end
return 1
""",
    local=_settle,
    apart=True,
)
RAISE: Final = Operation(
    name="tenants.raise",
    script=f"""
if tonumber(redis.call('GET', KEYS[1]) or 0) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1], 'EX', {MONTH_SECONDS})
end
return 1
""",
    local=_raise,
    apart=True,
)
