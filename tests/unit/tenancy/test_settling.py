"""Settlements on their way."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from builders import RecordingObserver, config, record
from redis_server import RedisServer, needs_redis
from waiting import until

from extproc.state import Call, Memory, Result, Store
from extproc.tenancy.admission import Admission, Verdict, Wish, admission, admit, leases_key
from extproc.tenancy.settlement import give_back, month_of
from extproc.tenancy.settling import HELD, Settling

STARTED = 1_700_000_000.0
LEASES = f"tiergate:{leases_key('acme')}"


class Process:
    """A process of a tenant with one request at a time, and a Redis that may be paused."""

    def __init__(self, server: RedisServer) -> None:
        self.now = 0.0
        self.server = server
        state = {"redis": {"url": server.url, "deadline_seconds": 0.5}}
        self.store = Store(config(state=state).state, RecordingObserver(), clock=lambda: self.now)
        self.settling = Settling(self.store.run, self.store.apart, shared=True, pause=0.001)

    async def ask(self, lease: str) -> Admission:
        """What a request is told."""
        wish = Wish(
            lease=lease,
            requests_per_minute=0,
            tokens_per_minute=1000,
            tokens=500,
            concurrent_requests=1,
            lease_seconds=900,
            budget=1000,
        )
        (result,) = await self.store.run([admit("acme", month_of(STARTED), wish)])
        return admission(result)

    def end(self, lease: str) -> None:
        """Envoy's word that it has ended, after no tokens."""
        facts = {"lease": lease, "reserved": "500"}
        told = record(tenant="acme", started=STARTED, facts=facts, served_by="none", attempts=0)
        self.settling.completed(told)

    async def leases(self, number: int) -> None:
        """Wait until Redis knows of so many."""

        async def there() -> bool:
            """Whether the leases are there."""
            return f":{number}\r\n" == self.server.said("ZCARD", LEASES)

        await until(there)


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    """One that has talked with its Redis, and where nothing is under way."""
    with RedisServer(tmp_path) as server:
        made = Process(server)
        await made.ask("warm")
        made.end("warm")
        await made.leases(0)
        yield made
        server.resume()
        made.now += 2
        await made.settling.stop()
        await made.store.stop()


@needs_redis
async def test_a_request_that_was_admitted_twice_ends_twice(process: Process) -> None:
    """Redis counted it after the deadline, and by then this process had too."""
    process.server.pause()
    said = await process.ask("a")
    process.server.resume()
    await process.leases(1)

    process.now += 2
    process.end("~a")
    await process.leases(0)
    again = await process.ask("b")
    assert (True, False, Verdict.ADMITTED, 500) == (
        said.local,
        again.local,
        again.verdict,
        again.tokens,
    )


@needs_redis
async def test_what_ends_while_redis_is_away_is_settled_later(process: Process) -> None:
    """By whomever it was admitted."""
    first = await process.ask("a")
    process.server.pause()
    second = await process.ask("b")
    process.end("a")
    process.end("~b")
    third = await process.ask("c")
    process.server.resume()

    process.now += 2
    process.end("~c")
    await process.leases(0)
    said = [one.verdict for one in (first, second, third)]
    assert ([Verdict.ADMITTED] * 3, [False, True, True]) == (
        said,
        [one.local for one in (first, second, third)],
    )


@needs_redis
async def test_what_nobody_waited_for_is_given_back(process: Process) -> None:
    """Redis has counted it, and the client had gone by then."""
    asking = asyncio.ensure_future(process.ask("a"))
    await asyncio.sleep(0)
    asking.cancel()
    await process.leases(1)

    process.settling.settle(give_back("acme", month_of(STARTED), "a", 500))
    await process.leases(0)
    assert 500 == (await process.ask("b")).tokens


class Away:
    """A Redis that takes nothing until it is `back`."""

    def __init__(self) -> None:
        self.back = False
        self.taken: list[Call] = []

    async def run(self, calls: Sequence[Call]) -> Sequence[Result]:
        """As a store."""
        await asyncio.sleep(0)
        if not self.back:
            return [None] * len(calls)
        self.taken.extend(calls)
        return [1] * len(calls)


async def test_of_too_many_the_oldest_are_lost() -> None:
    """Those that are under way already are not."""
    away = Away()
    settling = Settling(away.run, Memory(), shared=True, pause=0.001)
    for number in range(HELD + 2):
        settling.completed(record(tenant="acme", facts={"lease": f"{number}"}))
    away.back = True
    await settling.stop()

    assert [f"{number}" for number in range(2, HELD + 2)] == [call.args[0] for call in away.taken]


async def test_what_a_redis_that_stays_away_did_not_take_is_lost() -> None:
    """The process must end."""
    away = Away()
    settling = Settling(away.run, Memory(), shared=True)
    settling.completed(record(tenant="acme", facts={"lease": "a"}))
    await settling.stop()

    assert [] == away.taken


async def test_without_redis_nothing_is_held() -> None:
    """What was granted here is settled here; and what has no lease, nowhere."""
    away = Away()
    away.back = True
    settling = Settling(away.run, Memory(), shared=False)
    settling.completed(record(tenant="acme", facts={"lease": "~a"}))
    settling.completed(record())
    await settling.stop()

    assert [] == away.taken
