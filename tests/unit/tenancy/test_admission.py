"""All limits of one tenant in one step, in this process and in Redis."""

import random
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace as changed
from typing import Any

import pytest
from builders import config
from msgspec.structs import replace
from redis_server import RedisServer, needs_redis

from extproc.state import Call, Memory, Result
from extproc.state.redis import Redis
from extproc.tenancy.admission import (
    Admission,
    Verdict,
    Wish,
    admission,
    admit,
    leases_key,
    leases_of,
    spent_key,
)
from extproc.tenancy.settlement import RAISE, SETTLE, raise_spent

START = 1_700_000_000.0
FREE = Wish(
    lease="",
    requests_per_minute=0,
    tokens_per_minute=0,
    tokens=0,
    concurrent_requests=0,
    lease_seconds=900,
    budget=0,
)
MONTH = "2026-11"


class Here:
    """A process, at a time of the test's."""

    def __init__(self, share: float = 1.0) -> None:
        self.now = START
        self.memory = Memory(share=share, clock=lambda: self.now)

    def ask(self, **wish: Any) -> Admission:  # noqa: ANN401 - of a Wish
        """What becomes of one request of acme's."""
        return admission(self.run(admit("acme", MONTH, replace(FREE, **wish))))

    def run(self, call: Call) -> Result:
        """Any call's result."""
        return call.operation.local(self.memory, call.keys, call.args)


def verdicts(here: Here, times: int, **wish: Any) -> list[Verdict]:  # noqa: ANN401
    """Those of so many requests at one moment."""
    return [here.ask(**wish).verdict for _ in range(times)]


def test_a_minute_has_so_many_requests() -> None:
    """At once, and no more; they are there again a minute after."""
    here = Here()
    expected = [Verdict.ADMITTED] * 3 + [Verdict.REQUESTS] * 2

    assert expected == verdicts(here, 5, requests_per_minute=3)
    here.now += 60.9
    assert [Verdict.REQUESTS] == verdicts(here, 1, requests_per_minute=3)
    here.now += 0.1
    assert expected == verdicts(here, 5, requests_per_minute=3)


def test_no_60_seconds_admit_more_than_the_limit() -> None:
    """However the requests come: as many as can, at random moments of ten minutes."""
    here = Here()
    chance = random.Random(7)
    admitted = []
    while here.now < START + 600:
        here.now += chance.expovariate(3.0)
        if here.ask(requests_per_minute=60).verdict is Verdict.ADMITTED:
            admitted.append(here.now)

    most = max(sum(begin <= at < begin + 60 for at in admitted) for begin in admitted)
    assert 60 == most
    assert 590 <= len(admitted) <= 600


def test_what_is_left_is_said() -> None:
    """And when all of it will be there again, and when to come again."""
    here = Here()
    here.ask(requests_per_minute=2)
    here.now += 10.25

    second = here.ask(requests_per_minute=2)
    refused = here.ask(requests_per_minute=2)
    assert (0, 60_750, 0) == (second.requests, second.requests_ms, second.retry_ms)
    assert (0, 60_750, 50_750) == (refused.requests, refused.requests_ms, refused.retry_ms)


def test_tokens_wait_for_enough_of_them() -> None:
    """Not only for the first that comes free."""
    here = Here()
    for _ in range(2):
        here.ask(tokens_per_minute=100, tokens=50)
        here.now += 10

    assert 41_000 == here.ask(tokens_per_minute=100, tokens=30).retry_ms
    assert 51_000 == here.ask(tokens_per_minute=100, tokens=80).retry_ms


def test_a_request_over_the_whole_limit_waits_for_an_empty_minute() -> None:
    """Or it could never be served."""
    here = Here()

    assert Verdict.ADMITTED is here.ask(tokens_per_minute=100, tokens=500).verdict
    assert Verdict.TOKENS is here.ask(tokens_per_minute=100, tokens=1).verdict


def test_what_is_refused_counts_for_nothing() -> None:
    """A refusal for tokens costs no request."""
    here = Here()
    here.ask(requests_per_minute=2, tokens_per_minute=10, tokens=10)

    assert Verdict.TOKENS is here.ask(requests_per_minute=2, tokens_per_minute=10, tokens=1).verdict
    assert Verdict.ADMITTED is here.ask(requests_per_minute=2).verdict


def test_so_many_requests_are_under_way() -> None:
    """And one that nobody ends makes room when its lease is over."""
    here = Here()
    wish = {"concurrent_requests": 2, "lease_seconds": 60}
    for number in range(2):
        here.ask(lease=f"r{number}", **wish)

    refused = here.ask(lease="r3", **wish)
    assert (Verdict.CONCURRENCY, 1000) == (refused.verdict, refused.retry_ms)
    here.now += 60
    assert Verdict.ADMITTED is here.ask(lease="r4", **wish).verdict


def test_what_nobody_ends_is_forgotten() -> None:
    """Although nothing limits how many are under way: a process has only so much memory."""
    here = Here()
    for number in range(1000):
        here.now += 1
        here.ask(lease=f"r{number}", tokens_per_minute=1000, tokens=1, lease_seconds=60)

    assert 60 == len(leases_of(here.memory, leases_key("acme")))


def test_a_budget_ends() -> None:
    """What was spent is said either way."""
    here = Here()
    here.run(raise_spent("acme", 900, MONTH))

    said = [here.ask(budget=901), here.ask(budget=900)]
    assert [(Verdict.ADMITTED, 900), (Verdict.BUDGET, 900)] == [
        (one.verdict, one.spent) for one in said
    ]


def test_without_redis_a_process_grants_its_share() -> None:
    """And something to everyone."""
    here = Here(share=0.25)

    assert 2 == verdicts(here, 9, requests_per_minute=8).count(Verdict.ADMITTED)
    assert 1 == verdicts(here, 9, lease="x", concurrent_requests=1).count(Verdict.ADMITTED)


def test_the_answer_says_who_gave_it() -> None:
    """So that a lease of this process's is known as one."""
    assert Here().ask().local


def test_keys_of_a_tenant_stay_together() -> None:
    """On one shard of a Redis that has several."""
    assert {"acme"} == {key.split("{")[1].split("}")[0] for key in admit("acme", MONTH, FREE).keys}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for the tests of this module."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
async def there(server: RedisServer) -> AsyncIterator[Callable[[Call, float], Any]]:
    """Runs a call in Redis as if it were some time."""
    server.said("FLUSHALL")
    section = config(state={"redis": {"url": server.url, "deadline_seconds": 1}}).state.redis
    assert section is not None
    redis = Redis(section)

    async def run(call: Call, now: float) -> Result:
        """What is asked there."""
        seconds, micros = divmod(round(now * 1e6), 1_000_000)
        clock = f"{{'{seconds}', '{micros}'}}"
        script = call.operation.script.replace("redis.call('TIME')", f"({clock})")
        operation = changed(call.operation, name=f"{call.operation.name}@{now}", script=script)
        (result,) = await redis.run([changed(call, operation=operation)])
        return result

    yield run
    await redis.close()


@needs_redis
async def test_redis_says_the_same(there: Callable[[Call, float], Any]) -> None:
    """As this process, step by step, through three minutes of all that can happen."""
    here, chance = Here(), random.Random(5)
    leases: list[str] = []
    for number in range(250):
        here.now += chance.choice([0.0, 0.25, 1.5, 3.125])
        kind = chance.random()
        if kind < 0.7 or not leases:
            wish = replace(
                FREE,
                lease=f"l{number}",
                requests_per_minute=25,
                tokens_per_minute=2000,
                tokens=chance.randrange(200),
                concurrent_requests=8,
                lease_seconds=60,
                budget=5000,
            )
            call = admit("acme", MONTH, wish)
            ours, theirs = here.run(call), await there(call, here.now)
            assert isinstance(ours, list)
            assert ours[:-1] == theirs[:-1], number
            if ours[0] == Verdict.ADMITTED:
                leases.append(f"{wish.lease} {wish.tokens} {int(here.now)}")
        elif kind < 0.95:
            lease, tokens, began = leases.pop(chance.randrange(len(leases))).split()
            if int(began) <= int(here.now) - 60:
                continue  # here it is forgotten
            keys = admit("acme", MONTH, FREE).keys[1:]
            used = chance.choice([-1, 0, chance.randrange(300)])
            args = (int(tokens), used, chance.randrange(100))
            settled = Call(operation=SETTLE, keys=(*keys, "settled"), args=("~" + lease, *args))
            ours = here.run(settled)
            theirs = await there(changed(settled, args=(lease, *args)), here.now)
            assert (None, 1) == (ours, theirs)
        else:
            call = Call(operation=RAISE, keys=(spent_key("acme", MONTH),), args=(number * 20,))
            assert here.run(call) == await there(call, here.now)
