"""What was reserved is put right."""

from collections.abc import AsyncIterator, Iterator
from time import time
from typing import Any

import pytest
from builders import RecordingObserver, config, record
from redis_server import RedisServer, needs_redis

from extproc.state import Result, Store
from extproc.telemetry import Completed, Tokens
from extproc.tenancy.admission import (
    LOCAL,
    Admission,
    Wish,
    admission,
    admit,
    leases_key,
    tokens_key,
)
from extproc.tenancy.settlement import month_of, raise_spent, settle

STARTED = 1_700_000_000.0
MONTH = month_of(STARTED)
USED = Tokens(prompt=10, completion=20)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for the tests of this module."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(params=["memory", pytest.param("redis", marks=needs_redis)])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """Shared state of either kind, empty."""
    state: dict[str, Any] = {}
    if request.param == "redis":
        redis = request.getfixturevalue("server")
        redis.said("FLUSHALL")
        state = {"redis": {"url": redis.url, "deadline_seconds": 1.0}}
    made = Store(config(state=state).state, RecordingObserver())
    yield made
    await made.stop()


async def asked(store: Store, lease: str, tokens: int = 0) -> Admission:
    """What a request of acme's is told."""
    wish = Wish(
        lease=lease,
        requests_per_minute=0,
        tokens_per_minute=1000,
        tokens=tokens,
        concurrent_requests=1,
        lease_seconds=900,
        budget=10_000,
    )
    (result,) = await store.run([admit("acme", MONTH, wish)])
    return admission(result)


def ended(said: Admission, lease: str, reserved: int = 500, **fields: Any) -> Completed:  # noqa: ANN401
    """What Envoy says of the request that had that lease."""
    facts = {"lease": f"{LOCAL}{lease}" if said.local else lease, "reserved": str(reserved)}
    return record(tenant="acme", started=STARTED, facts=facts, **fields)


async def settled(store: Store, told: Completed) -> Result:
    """Settle one record; in Redis, 1 where that changed anything."""
    (result,) = await store.run([settle(told, told.facts["lease"])])
    return result


async def test_what_was_not_used_is_there_again(store: Store) -> None:
    """And the request no longer runs."""
    first = await asked(store, "a", 500)
    assert 500 == first.tokens

    await settled(store, ended(first, "a", tokens=USED))
    assert 970 == (await asked(store, "b")).tokens


async def test_what_the_cache_answered_used_nothing(store: Store) -> None:
    """However many tokens the answer tells of."""
    first = await asked(store, "a", 500)

    await settled(store, ended(first, "a", tokens=USED, served_by="none", attempts=0))
    assert 1000 == (await asked(store, "b")).tokens


async def test_more_than_was_reserved_counts_too(store: Store) -> None:
    """A bad guess is not the tenant's gain."""
    first = await asked(store, "a", 500)

    await settled(store, ended(first, "a", tokens=Tokens(prompt=300, completion=400)))
    assert 300 == (await asked(store, "b")).tokens


def aged(store: Store, request: pytest.FixtureRequest, lease: str, seconds: int) -> None:
    """Let a request have begun so long before; of its tokens nothing is known any more."""
    if store.shared:
        server: RedisServer = request.getfixturevalue("server")
        began = str(int(time()) - seconds)
        server.said("ZADD", f"tiergate:{leases_key('acme')}", "XX", began, lease)
        server.said("DEL", f"tiergate:{tokens_key('acme')}")
    else:
        store.apart.now = lambda: time() + seconds
        store.apart.drop(tokens_key("acme"))


@pytest.mark.parametrize("seconds", [0, 90], ids=["forgotten", "old"])
@pytest.mark.parametrize(("used", "left"), [(700, 800), (300, 1000)], ids=["more", "less"])
async def test_a_request_may_outlast_what_was_counted(
    store: Store, request: pytest.FixtureRequest, seconds: int, used: int, left: int
) -> None:
    """What it used beyond its reservation counts now; the rest is not given back again."""
    first = await asked(store, "a", 500)
    aged(store, request, "a", seconds)
    await settled(store, ended(first, "a", tokens=Tokens(completion=used)))

    assert left == (await asked(store, "b")).tokens


async def test_a_record_that_comes_twice_settles_once(store: Store) -> None:
    """Its tokens as its cost."""
    first = await asked(store, "a", 500)
    told = ended(first, "a", tokens=USED, cost_microdollars=70)

    said = [await settled(store, told), await settled(store, told)]
    assert ([None, None] if first.local else [1, 0]) == said
    again = await asked(store, "b")
    assert (970, 70) == (again.tokens, again.spent)


async def test_tokens_that_nobody_could_read_stay_reserved(store: Store) -> None:
    """Where a tier has answered; a request that none has seen used nothing."""
    first = await asked(store, "a", 500)
    await settled(store, ended(first, "a", served_by="fast"))
    second = await asked(store, "b", 100)
    assert 400 == second.tokens

    await settled(store, ended(second, "b", 100, served_by="none", status=503, attempts=0))
    assert 500 == (await asked(store, "c")).tokens


async def test_a_client_that_leaves_before_an_answer_has_used_its_reservation(store: Store) -> None:
    """The tier that was asked has worked on it."""
    first = await asked(store, "a", 500)
    await settled(store, ended(first, "a", served_by="none", status=0, attempts=1))

    assert 500 == (await asked(store, "b")).tokens


async def test_what_a_tier_has_refused_used_nothing(store: Store) -> None:
    """It says so before it begins."""
    first = await asked(store, "a", 500)
    await settled(store, ended(first, "a", status=400))

    assert 1000 == (await asked(store, "b")).tokens


async def test_what_nobody_could_read_costs_its_estimate(store: Store) -> None:
    """A client that leaves before the usage comes has had its tokens all the same."""
    first = await asked(store, "a", 500)
    await settled(store, ended(first, "a", estimated_microdollars=40))

    assert 40 == (await asked(store, "b")).spent


async def test_the_ledger_may_raise_what_was_spent(store: Store) -> None:
    """And never lowers it."""
    await store.run([raise_spent("acme", 700, MONTH), raise_spent("acme", 600, MONTH)])

    assert 700 == (await asked(store, "a")).spent


@needs_redis
async def test_a_lease_of_this_process_costs_in_redis_once(server: RedisServer) -> None:
    """It was granted while Redis was away."""
    server.said("FLUSHALL")
    state = {"redis": {"url": server.url, "deadline_seconds": 1.0}}
    store = Store(config(state=state).state, RecordingObserver())
    told = record(tenant="acme", started=STARTED, cost_microdollars=5, facts={"lease": "~a"})

    assert [1, 0] == [await settled(store, told), await settled(store, told)]
    assert 5 == (await asked(store, "b")).spent
    await store.stop()


@pytest.mark.parametrize(
    ("seconds", "month"),
    [(0.0, "1970-01"), (1_798_761_599.0, "2026-12"), (1_798_761_600.0, "2027-01")],
)
def test_months_are_those_of_utc(seconds: float, month: str) -> None:
    """Wherever the router runs."""
    assert month == month_of(seconds)
