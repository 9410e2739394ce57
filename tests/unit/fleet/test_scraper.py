"""Scrapes of real servers: what is learnt, and what goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest
import structlog
from aiohttp import web
from metrics_server import answering
from structlog.testing import capture_logs
from waiting import until

from extproc.config.fleet import Limits, Scrape
from extproc.fleet.discovery import Discovery, Listed, Lost
from extproc.fleet.scraper import Scraper
from extproc.fleet.tier import TierLoad

QUICK = Scrape(interval_seconds=0.02, deadline_seconds=0.2, stale_seconds=0.5, max_bytes=1024)
LIMITS = Limits(queue=4)


def page(waiting: int) -> bytes:
    """What a replica says."""
    return (
        f"vllm:num_requests_running 1\nvllm:num_requests_waiting {waiting}\n"
        "vllm:kv_cache_usage_perc 0\n"
    ).encode()


class Replica:
    """Says how many requests wait, or fails as `status` or `noise` say."""

    def __init__(self) -> None:
        self.waiting = 2
        self.status = 200
        self.noise = b""
        self.hangs = False
        self.scrapes = 0

    async def __call__(self, request: web.Request) -> web.Response:
        """One scrape."""
        assert "/metrics" == request.path
        self.scrapes += 1
        if self.hangs:
            await asyncio.Event().wait()
        return web.Response(status=self.status, body=page(self.waiting) + self.noise)


class Told:
    """A discovery that finds what a test says, or is lost."""

    def __init__(self, *addresses: str) -> None:
        self.addresses: Sequence[str] | None = addresses
        self.asked = 0

    async def find(self) -> Sequence[str]:
        """As `addresses` say now."""
        self.asked += 1
        if self.addresses is None:
            raise Lost("nobody knows")
        return self.addresses


@asynccontextmanager
async def scraping(
    discovery: Discovery, *, find_seconds: float = 60.0, first_seconds: float = 5.0
) -> AsyncIterator[TierLoad]:
    """The load of one tier, which is scraped until the end."""
    loads: Mapping[str, TierLoad] = {"fast": TierLoad(stale=QUICK.stale_seconds)}
    scraper = Scraper(
        QUICK,
        loads,
        {"fast": discovery},
        find_seconds=find_seconds,
        first_seconds=first_seconds,
    )
    await scraper.start()
    try:
        yield loads["fast"]
    finally:
        await scraper.stop()


async def sees(condition: Callable[[], bool]) -> None:
    """Wait until it holds."""

    async def holds() -> bool:
        """As `until` asks it."""
        return condition()

    await until(holds)


async def asked(told: Told, more: int) -> None:
    """Wait until it was asked so often since now."""
    wanted = told.asked + more
    await sees(lambda: told.asked >= wanted)


@pytest.fixture(autouse=True)
def _silent() -> None:
    """Events are looked at where a test captures them."""
    structlog.reset_defaults()


async def test_the_load_is_known_when_it_has_started() -> None:
    """And stays so: replicas are scraped again and again."""
    replica = Replica()
    async with answering(replica) as address, scraping(Listed([address])) as load:
        first = (load.known, load.saturation(LIMITS))
        replica.waiting = 4
        await sees(lambda: load.saturation(LIMITS) == 1.0)

    assert (True, 0.5) == first


async def test_a_page_may_come_in_pieces() -> None:
    """As one that is long does."""

    async def pieces(request: web.Request) -> web.StreamResponse:
        """A page in two."""
        response = web.StreamResponse()
        await response.prepare(request)
        for piece in (page(2)[:10], page(2)[10:]):
            await response.write(piece)
            await asyncio.sleep(0.01)
        return response

    async with answering(pieces) as address, scraping(Listed([address])) as load:
        assert (True, 0.5) == (load.known, load.saturation(LIMITS))


@pytest.mark.parametrize("fault", ["status", "noise", "large", "hangs"])
async def test_a_scrape_that_fails_is_missed(fault: str) -> None:
    """The last good one is believed until it is stale, and the next good one heals."""
    replica = Replica()
    async with answering(replica) as address, scraping(Listed([address])) as load:
        replica.status = 503 if fault == "status" else 200
        replica.noise = {"noise": b"}{", "large": b"# " + b"x" * 2000}.get(fault, b"")
        replica.hangs = fault == "hangs"
        if fault == "noise":
            replica.waiting = -1  # a page of its shape, with a number that cannot be
        await sees(lambda: not load.known)
        stale = (len(load.there), load.saturation(LIMITS))
        replica.status, replica.noise, replica.hangs, replica.waiting = 200, b"", False, 2
        await sees(lambda: load.known)

    assert (1, 1.0) == stale


async def test_a_replica_that_nobody_listens_for_is_gone() -> None:
    """At once, and it does not keep the router from starting."""
    async with answering(Replica()) as address:
        pass
    async with scraping(Listed([address])) as load:
        assert ([], 1.0) == (load.there, load.saturation(LIMITS))


async def test_a_replica_that_hangs_does_not_hold_up_the_start() -> None:
    """It is stale, and the others are known."""
    hanging, other = Replica(), Replica()
    hanging.hangs = True
    async with (
        answering(hanging) as one,
        answering(other) as two,
        scraping(Listed([one, two])) as load,
    ):
        assert 0.75 == load.saturation(LIMITS)


class Never:
    """A discovery that does not end."""

    async def find(self) -> Sequence[str]:
        """Wait for ever."""
        await asyncio.Event().wait()
        return ()


async def test_a_search_without_end_does_not_hold_up_the_start() -> None:
    """The router serves, and says that it knows nothing."""
    with capture_logs() as events:
        async with scraping(Never(), first_seconds=0.05) as load:
            assert not load.known

    assert ["fleet_unknown"] == [event["event"] for event in events]


async def test_replicas_come_and_go() -> None:
    """Those that are found are scraped, and no others."""
    one, two = Replica(), Replica()
    async with answering(one) as first, answering(two) as second:
        told = Told(first)
        async with scraping(told, find_seconds=0.02) as load:
            told.addresses = (second,)
            await sees(lambda: load.known and [second] == list(load.replicas))
            seen = one.scrapes
            await sees(lambda: two.scrapes > 5)

            assert seen == one.scrapes


async def test_where_nobody_knows_the_replicas_stay() -> None:
    """The log says so once, until somebody knows again."""
    replica = Replica()
    async with answering(replica) as address:
        told = Told(address)
        with capture_logs() as events:
            async with scraping(told, find_seconds=0.01) as load:
                told.addresses = None
                await asked(told, 4)
                known = (load.known, list(load.replicas))
                told.addresses = (address,)
                await asked(told, 2)

    assert (True, [address]) == known
    lost = {"event": "fleet_lost", "tier": "fast", "error": "nobody knows", "log_level": "error"}
    assert [lost] == events


async def test_it_may_be_stopped_before_it_has_started() -> None:
    """As when another concern could not start."""
    scraper = Scraper(QUICK, {}, {}, find_seconds=1.0)

    await scraper.stop()

    assert {} == scraper._scraping
