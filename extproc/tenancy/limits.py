"""How much a tenant may have: the second thing that a request passes."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import count
from time import time
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace
from typing_extensions import override

from extproc.config import Plan, Tenants
from extproc.errors import (
    BudgetSpent,
    ConcurrencyLimit,
    LimitExceeded,
    RequestLimit,
    TokenLimit,
)
from extproc.exchange import Exchange
from extproc.stages import Effect, Stage
from extproc.state import Call, Memory, Result
from extproc.tenancy.admission import LOCAL, Admission, Verdict, Wish, admission, admit, spent_key
from extproc.tenancy.estimate import tokens
from extproc.tenancy.ratelimits import left, retry_after
from extproc.tenancy.settlement import LEASE, MONTH_SECONDS, RESERVED, give_back, month_of

Run: TypeAlias = Callable[[Sequence[Call]], Awaitable[Sequence[Result]]]
PAUSE: Final = 0.1
"""Seconds in which a request that has ended is heard of: Envoy tells of it every 50 ms."""
_MICRO: Final = 1_000_000
_REFUSALS: Final[Mapping[Verdict, tuple[type[LimitExceeded], str]]] = {
    Verdict.BUDGET: (BudgetSpent, "The budget of this month is spent."),
    Verdict.CONCURRENCY: (ConcurrencyLimit, "Too many requests are under way."),
    Verdict.REQUESTS: (RequestLimit, "The requests of this minute are used up."),
    Verdict.TOKENS: (TokenLimit, "The tokens of this minute are used up."),
}


class Limit(Struct, frozen=True, kw_only=True):
    """The limits of one plan, 0 where there is none; money in micro-dollars."""

    requests: int
    tokens: int
    concurrent: int
    soft: int
    hard: int

    @property
    def any(self) -> bool:
        """Whether there is anything to ask."""
        return bool(self.requests or self.settled)

    @property
    def settled(self) -> bool:
        """Whether anything must be put right when a request has ended."""
        return bool(self.tokens or self.concurrent or self.soft or self.hard)


def limit_of(plan: Plan) -> Limit:
    """What the plan says, in numbers."""
    return Limit(
        requests=plan.requests_per_minute or 0,
        tokens=plan.tokens_per_minute or 0,
        concurrent=plan.concurrent_requests or 0,
        soft=int(Decimal(plan.budget.soft or 0) * _MICRO),
        hard=int(Decimal(plan.budget.hard or 0) * _MICRO),
    )


class Limits(Stage):
    """Asks shared state whether the tenant of each request may have it now.

    `memory` is what this process knows by itself: what Redis has said of budgets is kept there for
    when Redis is away. `run` asks it once more, after `pause` seconds, for a request that others
    under way keep out: they may have ended already. `settle` takes the settlement of a request that
    Envoy will not tell of; it is None where nobody hears how requests end, and then none has a
    lease. `clock` gives seconds of the wall, for the month alone.
    """

    def __init__(
        self,
        config: Tenants,
        memory: Memory,
        settle: Callable[[Call], None] | None,
        run: Run,
        *,
        pause: float = PAUSE,
        clock: Callable[[], float] = time,
    ) -> None:
        self._limits = {name: limit_of(plan) for name, plan in config.plans.items()}
        self._output_tokens = config.output_tokens
        self._lease_seconds = config.lease_seconds
        self._memory = memory
        self._settle = settle
        self._run = run
        self._pause = pause
        self._clock = clock
        self._leases = map(f"{secrets.token_hex(6)}-{{:x}}".format, count())

    @override
    def asks(self, exchange: Exchange) -> Sequence[Call]:
        """One call, where there are limits."""
        limit = self._limits[exchange.context.plan]
        if not limit.any:
            return ()
        reserved = 0
        if limit.tokens:
            assert exchange.request is not None  # noqa: S101 - the body is read
            reserved = min(tokens(exchange.request, self._output_tokens), limit.tokens)
        lease = next(self._leases) if limit.settled and self._settle else ""
        exchange.facts.update({LEASE: lease, RESERVED: str(reserved)} if lease else {})
        wish = Wish(
            lease=lease,
            requests_per_minute=limit.requests,
            tokens_per_minute=limit.tokens,
            tokens=reserved,
            concurrent_requests=limit.concurrent,
            lease_seconds=self._lease_seconds,
            budget=limit.hard,
        )
        call = admit(exchange.context.tenant, month_of(self._clock()), wish)
        exchange.notes[Limits] = call
        return (call,)

    @override
    def told(self, exchange: Exchange, results: Sequence[Result]) -> Effect | None:
        """LimitExceeded where one is; else what is left is said, and the budget heeded."""
        if not results:
            return None
        (result,) = results
        said = admission(result)
        call: Call | None = exchange.notes.pop(Limits, None)
        if said.verdict is Verdict.CONCURRENCY and call is not None:
            return partial(self._again, call)
        limit = self._limits[exchange.context.plan]
        headers = left(said, requests=limit.requests, tokens=limit.tokens)
        if said.verdict is not Verdict.ADMITTED:
            exchange.facts.pop(LEASE, None)
            raise self._refusal(said, headers)
        exchange.facts.update(headers)
        if said.local and LEASE in exchange.facts:
            exchange.facts[LEASE] = LOCAL + exchange.facts[LEASE]
        if limit.soft or limit.hard:
            self._heed(exchange, said, limit)
        return None

    @override
    def left(self, exchange: Exchange) -> None:
        """What it had is given back: the lease travels with a reply, and there was none."""
        lease = exchange.facts.get(LEASE)
        if lease is not None and self._settle is not None:
            reserved = int(exchange.facts[RESERVED])
            month = month_of(self._clock())
            self._settle(give_back(exchange.context.tenant, month, lease, reserved))

    async def _again(self, call: Call) -> Sequence[Result]:
        await asyncio.sleep(self._pause)
        return await self._run([call])

    def _heed(self, exchange: Exchange, said: Admission, limit: Limit) -> None:
        """What was spent, now and for when nobody can say."""
        if not said.local:
            key = spent_key(exchange.context.tenant, month_of(self._clock()))
            self._memory.put(key, said.spent, MONTH_SECONDS)
        if limit.soft and said.spent >= limit.soft:
            exchange.context = replace(exchange.context, frugal=True)

    def _refusal(self, said: Admission, headers: Mapping[str, str]) -> LimitExceeded:
        kind, message = _REFUSALS[said.verdict]
        ms = said.retry_ms
        if said.verdict is Verdict.BUDGET:
            ms = _until_next_month(self._clock())
        return kind(message, headers={"retry-after": retry_after(ms), **headers})


def _until_next_month(seconds: float) -> int:
    """Milliseconds."""
    now = datetime.fromtimestamp(seconds, UTC)
    year, month = divmod(now.year * 12 + now.month, 12)
    begins = datetime(year, month + 1, 1, tzinfo=UTC)
    return int((begins - now).total_seconds() * 1000)
