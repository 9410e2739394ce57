"""How much a tenant may have."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from builders import chat
from msgspec.structs import replace
from tenancy_builders import arriving, tenanted

from extproc.errors import BudgetSpent, ConcurrencyLimit, LimitExceeded, RequestLimit, TokenLimit
from extproc.exchange import Exchange
from extproc.stages import Effect
from extproc.state import Call, Memory, Result
from extproc.tenancy.admission import leases_key, leases_of, spent_key
from extproc.tenancy.limits import Limits
from extproc.tenancy.settlement import raise_spent

NOW = 1_798_761_600.0 - 86_400
"""A day before the new year of 2027."""


class Limited:
    """A stage with one plan, over a memory of its own."""

    def __init__(self, *, heard: bool = True, **plan: Any) -> None:  # noqa: ANN401 - of a Plan
        section = tenanted(**plan).tenants
        assert section is not None
        self.memory = Memory(clock=lambda: NOW)
        self.settled: list[Call] = []
        self.stage = Limits(
            section,
            self.memory,
            self.settled.append if heard else None,
            self._run,
            pause=0.0,
            clock=lambda: NOW,
        )
        self.ending: list[Call] = []
        """Settlements that come while a request is kept waiting."""

    def ask(self, *, local: int = 1, **fields: Any) -> Exchange:  # noqa: ANN401 - of the body
        """One request; `local` 0 makes its answer Redis's."""
        exchange = arriving(body=chat("abcdefgh", **fields))
        exchange.context = replace(exchange.context, tenant="acme", plan="standard")
        results = []
        for call in self.stage.asks(exchange):
            result = call.operation.local(self.memory, call.keys, call.args)
            assert isinstance(result, list)
            results.append([*result[:-1], local])
        effect = self.stage.told(exchange, results)
        if effect is not None:
            again = asyncio.run(_awaited(effect))
            assert self.stage.told(exchange, again) is None
        return exchange

    async def _run(self, calls: Sequence[Call]) -> Sequence[Result]:
        return [
            call.operation.local(self.memory, call.keys, call.args)
            for call in (*self.ending, *calls)
        ][len(self.ending) :]


async def _awaited(effect: Effect) -> Sequence[Result]:
    return await effect()


def test_without_limits_nothing_is_asked() -> None:
    """And nothing is said."""
    assert {} == Limited().ask().facts


def test_what_is_left_travels_with_the_request() -> None:
    """As facts, which Envoy makes headers of; nothing has to be settled for it."""
    facts = Limited(requests_per_minute=2).ask().facts

    assert ("2", "1") == (
        facts["x-ratelimit-limit-requests"],
        facts["x-ratelimit-remaining-requests"],
    )
    assert "lease" not in facts


def test_a_reservation_travels_too() -> None:
    """With the name of its lease, which tells by whom it was granted."""
    limited = Limited(tokens_per_minute=100)
    here, there = limited.ask(max_tokens=7).facts, limited.ask(max_tokens=7, local=0).facts

    assert ("10", "10") == (here["reserved"], there["reserved"])
    assert (True, False) == (here["lease"].startswith("~"), there["lease"].startswith("~"))


def test_no_more_is_reserved_than_there_is() -> None:
    """A client may say any number."""
    assert "100" == Limited(tokens_per_minute=100).ask(max_tokens=10**9).facts["reserved"]


@pytest.mark.parametrize(
    ("plan", "error"),
    [
        ({"requests_per_minute": 1}, RequestLimit),
        ({"tokens_per_minute": 100}, TokenLimit),
        ({"concurrent_requests": 1}, ConcurrencyLimit),
    ],
    ids=["requests", "tokens", "concurrency"],
)
def test_the_limit_that_is_reached_is_named(plan: Any, error: type[LimitExceeded]) -> None:  # noqa: ANN401
    """With the seconds to wait; and nothing is left to be settled."""
    limited = Limited(**plan)
    limited.ask()

    with pytest.raises(error) as caught:
        limited.ask()
    assert 1 <= int(caught.value.headers["retry-after"]) <= 61


def test_a_request_waits_until_it_is_heard_that_another_has_ended() -> None:
    """One after the other is not two at once, however soon it comes."""
    limited = Limited(concurrent_requests=1)
    limited.stage.left(limited.ask())
    limited.ending = limited.settled

    assert limited.ask().facts["lease"]


def test_a_spent_budget_waits_for_the_next_month() -> None:
    """Which begins in a day here."""
    limited = Limited(budget={"hard": "0.0009"})
    call = raise_spent("acme", 900, "2026-12")
    call.operation.local(limited.memory, call.keys, call.args)

    with pytest.raises(BudgetSpent) as caught:
        limited.ask()
    assert "86400" == caught.value.headers["retry-after"]


@pytest.mark.parametrize(("spent", "frugal"), [(499, False), (500, True)])
def test_a_budget_nearly_spent_makes_frugal(spent: int, *, frugal: bool) -> None:
    """The adjuster does the rest."""
    limited = Limited(budget={"soft": "0.0005"})
    call = raise_spent("acme", spent, "2026-12")
    call.operation.local(limited.memory, call.keys, call.args)

    assert frugal is limited.ask().context.frugal


def test_what_redis_has_said_of_a_budget_is_kept() -> None:
    """For when it cannot be asked."""
    limited = Limited(budget={"hard": 1})
    exchange = arriving(body=chat())
    exchange.context = replace(exchange.context, tenant="acme", plan="standard")
    assert 1 == len(limited.stage.asks(exchange))

    limited.stage.told(exchange, [[0, 0, 0, 0, 0, 0, 777, 0]])
    assert 777 == limited.memory.get(spent_key("acme", "2026-12"))


def test_leases_have_names_of_their_own() -> None:
    """Also those of two replicas."""
    one, other = Limited(concurrent_requests=9), Limited(concurrent_requests=9)
    names = {limited.ask().facts["lease"] for limited in (one, one, other, other)}

    assert 4 == len(names)


def test_a_request_that_gets_no_reply_gives_back_what_it_had() -> None:
    """Nobody else knows of its lease."""
    limited = Limited(tokens_per_minute=100, concurrent_requests=1)
    exchange = limited.ask()
    limited.stage.left(exchange)
    (call,) = limited.settled
    call.operation.local(limited.memory, call.keys, call.args)

    left = limited.ask(max_tokens=7).facts
    assert (exchange.facts["lease"], "90") == (
        call.args[0],
        left["x-ratelimit-remaining-tokens"],
    )


def test_a_request_without_a_lease_has_nothing_to_give_back() -> None:
    """As one that left before it was asked for."""
    limited = Limited(requests_per_minute=9)
    limited.stage.left(limited.ask())

    assert [] == limited.settled


def test_where_nobody_hears_how_requests_end_nothing_waits_for_it() -> None:
    """As in one of several workers without Redis: it would remember each for ever."""
    limited = Limited(heard=False, tokens_per_minute=100)
    exchange = limited.ask(max_tokens=7)
    limited.stage.left(exchange)

    assert ("90", 0) == (
        exchange.facts["x-ratelimit-remaining-tokens"],
        len(leases_of(limited.memory, leases_key("acme"))),
    )
    assert "lease" not in exchange.facts
