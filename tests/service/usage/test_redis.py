"""The ledger in a real Redis."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from builders import config
from msgspec.structs import replace
from redis_server import RedisServer, needs_redis
from usage_builders import DAY, entry

from extproc.state import Memory
from extproc.usage.entry import Entry, Group
from extproc.usage.ledger import LedgerError, Row
from extproc.usage.redis import COUNT, RedisLedger, elsewhere

pytestmark = needs_redis


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path, appendonly="yes", dir=str(tmp_path)) as server:
        yield server


@pytest_asyncio.fixture(name="ledger")
async def _ledger(server: RedisServer) -> AsyncIterator[RedisLedger]:
    redis = config(state={"redis": {"url": server.url}}).state.redis
    assert redis is not None
    ledger = RedisLedger(redis, replay_seconds=60, retention_days=30)
    yield ledger
    await ledger.close()


def elsewhere_of(one: Entry, **names: str) -> Entry:
    """The same request of another group."""
    return replace(one, group=replace(one.group, **names))


async def test_entries_of_a_group_add_up(ledger: RedisLedger) -> None:
    """Whatever the names hold; groups and days stay apart."""
    odd = 'a,"b]: ü'
    written = await ledger.write(
        [
            entry("a", cost=3, failed=0),
            entry("b", cost=2**40),
            entry("c", day="2026-01-03", tenant=odd),
            elsewhere_of(entry("d"), tier="reasoning", model="large"),
        ]
    )
    rows = await ledger.read(DAY, "2026-01-04")

    assert 4 == written
    assert {
        Group(day=DAY, tenant="acme", tier="fast", model="small"): {
            "requests": 2,
            "cost": 3 + 2**40,
        },
        Group(day=DAY, tenant="acme", tier="reasoning", model="large"): {"requests": 1},
        Group(day="2026-01-03", tenant=odd, tier="fast", model="small"): {"requests": 1},
    } == {row.group: row.amounts for row in rows}


async def test_days_that_never_were_have_no_rows(ledger: RedisLedger) -> None:
    """As where it is asked from tomorrow on."""
    assert [] == await ledger.read("2026-01-04", "2026-01-03")


async def test_an_entry_counts_once(ledger: RedisLedger) -> None:
    """In the same batch, and in a later one."""
    first = await ledger.write([entry("a"), entry("a")])
    again = await ledger.write([entry("a"), entry("b")])
    (row,) = await ledger.read(DAY, DAY)

    assert (1, 1, {"requests": 2}) == (first, again, row.amounts)


async def test_ids_and_days_go_by_themselves(ledger: RedisLedger, server: RedisServer) -> None:
    """A minute and a month; pruning has nothing to do."""
    await ledger.write([entry("a")])
    await ledger.prune(DAY)

    assert ":60\r\n" == server.said("TTL", "tiergate:ledger:id:a")
    assert f":{31 * 86_400}\r\n" == server.said("TTL", f"tiergate:ledger:{DAY}")


async def test_a_server_that_is_killed_and_comes_back(
    ledger: RedisLedger, server: RedisServer
) -> None:
    """What it took before is counted once, though it is told again."""
    await ledger.write([entry("a")])
    server.kill()
    with pytest.raises(LedgerError) as caught:
        await ledger.write([entry("a"), entry("b")])
    server.start()
    written = await ledger.write([entry("a"), entry("b")])
    rows = await ledger.read(DAY, DAY)

    assert ("connection", 1) == (caught.value.kind, written)
    assert [{"requests": 2}] == [row.amounts for row in rows]


async def test_a_server_that_is_full_takes_it_later(
    ledger: RedisLedger, server: RedisServer
) -> None:
    """Nothing of the record was done before."""
    server.said("CONFIG", "SET", "maxmemory", "1")
    with pytest.raises(LedgerError) as caught:
        await ledger.write([entry("a")])
    server.said("CONFIG", "SET", "maxmemory", "0")
    written = await ledger.write([entry("a")])
    rows = await ledger.read(DAY, DAY)

    assert ("response", 1) == (caught.value.kind, written)
    assert [Row(group=entry().group, amounts={"requests": 1})] == rows


def test_no_process_stands_in_for_it() -> None:
    """A sum that only one replica knows would be no sum."""
    with pytest.raises(RuntimeError, match="only Redis"):
        COUNT.local(Memory(), ("ledger:id:a",), ())
    assert elsewhere is COUNT.local
