"""The ledger against what clients of twenty tenants were told, with everything failing in turn.

TIERGATE_USAGE_REQUESTS=10000 makes it as long as that.
"""

import asyncio
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import faults
import gateway as harness
import pytest
from gateway import Gateway
from processes import POLL
from redis_server import RedisServer, needs_redis
from usage_builders import PRICES
from usage_traffic import LEAVER, TENANTS, Clients, clients, keys, settled

from extproc.config import load
from extproc.usage.accounting import ledger_of
from extproc.usage.ledger import Row

REQUESTS: Final = int(os.environ.get("TIERGATE_USAGE_REQUESTS", "600"))
OUTAGE: Final = 2.0
"""Seconds without Redis."""
SOME_LOST: Final = 0.25
"""A router that is killed takes with it what it has not written, and what is on its way to it: less
than a second's requests.
"""
pytestmark = [needs_redis, pytest.mark.timeout(900)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What clients and the ledger say when all is over; `counted` are the ids in the ledger, and
    `completed` is how many requests Envoy has ended.
    """

    clients: Clients
    rows: list[Row]
    counted: frozenset[str]
    completed: int

    def total(self, column: str) -> int:
        """The ledger's sum of a column."""
        return sum(row.amounts.get(column, 0) for row in self.rows)

    def summary(self, lost: int) -> str:
        """The figures of a run."""
        names = ("known", "unknown", "prompt_tokens", "completion_tokens", "cost")
        said = ", ".join(f"{name} {self.total(name)}" for name in names)
        return f"\n{self.completed} requests, {self.clients.answered} answered, {lost} lost; {said}"

    def by_tenant(self) -> Mapping[str, Counter[str]]:
        """The ledger's sums."""
        sums: dict[str, Counter[str]] = defaultdict(Counter)
        for row in self.rows:
            sums[row.group.tenant].update(row.amounts)
        return sums


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """Redis goes and comes back, the router is restarted and then killed, and all the while tiers
    break off one answer in twenty.
    """
    folder = tmp_path_factory.mktemp("usage")
    with RedisServer(folder, appendonly="yes", dir=str(folder)) as redis:
        sections = {
            **harness.PATIENT,
            "server": {**harness.PATIENT["server"], "drain_seconds": 1.0},
            "state": {"redis": {"url": redis.url}},
            "tenants": {"plans": {"all": {}}},
            "prices": PRICES,
        }
        flags = ("--enable-force-include-usage",)
        with harness.running(folder, policy=harness.POLICY, flags=flags, **sections) as gateway:
            made = _disturbed(gateway, redis)
            settled(gateway)
            completed = gateway.envoy_stat("http.gateway.downstream_rq_completed")
            ids = redis.keys("tiergate:ledger:id:*")
            rows = asyncio.run(_rows(gateway))
            yield Account(clients=made, rows=rows, counted=ids, completed=completed)


def _disturbed(gateway: Gateway, redis: RedisServer) -> Clients:
    by_tenant = keys(gateway)
    POLL.wait(1.0)  # until the router knows the keys
    for (replica,) in gateway.tiers.values():
        replica.fault(reset="mid_stream", probability=0.05)
    with clients(gateway, by_tenant, requests=REQUESTS) as made:
        made.until(REQUESTS // 5)
        redis.kill()
        POLL.wait(OUTAGE)
        redis.start()
        made.until(made.answered + REQUESTS // 10)
        gateway.restart_router()
        made.until(made.answered + REQUESTS // 5)
        faults.kill_router(gateway)
        gateway.restart_router()
    return made


async def _rows(gateway: Gateway) -> list[Row]:
    ledger = ledger_of(load(gateway.config_file))
    assert ledger is not None
    today = datetime.now(UTC).date()
    rows = await ledger.read((today - timedelta(days=1)).isoformat(), today.isoformat())
    await ledger.close()
    return list(rows)


def test_the_ledger_is_what_clients_were_told(account: Account) -> None:
    """To the token, by tenant: all requests whose records arrived."""
    told: dict[str, Counter[str]] = {name: Counter() for name in TENANTS}
    for one in account.clients.sent:
        if one.used is not None and one.id in account.counted:
            told[one.tenant].update(
                known=1,
                prompt_tokens=one.used.prompt,
                completion_tokens=one.used.completion,
                cached_tokens=one.used.cached,
            )
    ledger = account.by_tenant()
    names = ("known", "prompt_tokens", "completion_tokens", "cached_tokens")

    assert {name: [told[name][column] for column in names] for name in TENANTS[:-1]} == {
        name: [ledger[name][column] for column in names] for name in TENANTS[:-1]
    }


def test_what_is_missing_is_counted(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    """Envoy's count less the ledger's is the number of requests that no record tells of: those
    that the killed router had taken and not written, and what was on its way to it.
    """
    lost = account.completed - account.total("requests")
    missing = [one for one in account.clients.sent if one.id not in account.counted]

    with capsys.disabled():
        print(account.summary(lost))  # noqa: T201 - the figures of a long run
    assert len(missing) <= lost <= len(missing) + account.clients.nameless
    assert lost <= SOME_LOST * account.completed


def test_no_record_counts_twice(account: Account) -> None:
    """Each id of the ledger is a request of its sums."""
    assert len(account.counted) == account.total("requests")


def test_what_nobody_was_told_is_unknown(account: Account) -> None:
    """Answers that broke off are counted as such, with estimates of their own."""
    broken = {
        one.id
        for one in account.clients.sent
        if one.status in {200, 502} and one.used is None and one.tenant not in {LEAVER, ""}
    }
    ledger = account.by_tenant()
    unknown = sum(ledger[name]["unknown"] for name in TENANTS[:-1])

    assert unknown == len(broken & account.counted) > 0
    assert account.total("estimated_cost") > 0


def test_costs_follow_from_the_tokens(account: Account) -> None:
    """Each request is rounded to the micro-dollar once; what both tiers would have cost besides."""
    cost, cheapest, dearest = (
        account.total(name) for name in ("cost", "cost_cheapest", "cost_dearest")
    )

    assert 0 < cheapest < cost < dearest
    assert 0 == account.total("unpriced")


def test_refusals_cost_nothing_and_are_counted(account: Account) -> None:
    """A wrong key, and every request while the router was away, is nobody's."""
    nobody = account.by_tenant()[""]
    refused = [
        one
        for one in account.clients.sent
        if one.status in {401, 503} and one.id in account.counted and not one.used
    ]

    assert (0, 0) == (nobody["known"], nobody["cost"])
    assert 0 < len(refused) <= account.total("refused") + account.total("failed")
