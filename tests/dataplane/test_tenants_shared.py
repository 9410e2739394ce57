"""Two replicas of the router and one Redis: one registry, and one count of each limit."""

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

import gateway as harness
import pytest
from gateway import Gateway
from processes import until
from redis_server import RedisServer, needs_redis
from tenants import SECOND, ask, created, known, tenant

pytestmark = needs_redis
PLANS: dict[str, Any] = {
    "sixty": {"requests_per_minute": 60},
    "eight": {"requests_per_minute": 8},
    "free": {},
}


class Replicas(NamedTuple):
    """Two gateways, each with a router of its own, and what they share."""

    one: Gateway
    other: Gateway
    redis: RedisServer


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    """Replicas that give up on Redis only where it is gone."""
    folder = tmp_path_factory.mktemp("shared")
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(RedisServer(folder))
        sections = {
            "tenants": {"plans": PLANS},
            "state": {"redis": {"url": redis.url, "deadline_seconds": 1}},
            "policy": {"fixed": "fast"},
            **harness.PATIENT,
        }
        for name in ("one", "other"):
            (folder / name).mkdir()
        one = stack.enter_context(harness.running(folder / "one", **sections))
        other = stack.enter_context(harness.running(folder / "other", **sections))
        yield Replicas(one, other, redis)


def test_a_limit_of_60_admits_60_in_all(shared: Replicas) -> None:
    """Whichever replica is asked: 240 requests of eight clients at once, within one minute."""
    key = created(shared.one, "sixty", "sixty")
    until(lambda: known(shared.other, key), seconds=SECOND, what="the other replica")
    began = time.monotonic()

    with ThreadPoolExecutor(8) as clients:
        gateways = islice(cycle([shared.one, shared.other]), 240)
        statuses = list(clients.map(lambda gateway: ask(gateway, key).status, gateways))

    assert time.monotonic() - began < 60
    assert {200, 429} == set(statuses)
    assert 60 == statuses.count(200)


def test_both_shut_out_who_was_revoked_within_a_second(shared: Replicas) -> None:
    """Counted from when the command says that it is done."""
    key = created(shared.one, "gone", "free")
    until(lambda: known(shared.other, key), seconds=SECOND, what="the other replica")

    tenant(shared.one, "revoke", "gone")
    done = time.monotonic()
    until(
        lambda: not known(shared.one, key) and not known(shared.other, key),
        seconds=5,
        what="the revocation",
    )
    assert time.monotonic() - done < SECOND


def test_without_redis_each_replica_grants_its_share(shared: Replicas) -> None:
    """Tenants stay known; of a limit, a replica grants the half by itself. When Redis is back and
    empty, it is given the registry again.
    """
    key = created(shared.one, "away", "eight")
    until(lambda: known(shared.other, key), seconds=SECOND, what="the other replica")
    shared.redis.kill()

    statuses = [ask(one, key).status for one in (shared.one, shared.other) for _ in range(6)]
    until(lambda: [0, 0] == _current(shared), what="the gauge")
    shared.redis.start()

    assert ([200] * 4 + [429] * 2) * 2 == statuses
    until(lambda: "away" in str(tenant(shared.one, "list")), seconds=5, what="the registry")
    until(lambda: _asks_redis(shared.one, key), what="Redis to be asked again")
    until(lambda: _asks_redis(shared.other, key), what="Redis to be asked by the other one")
    until(lambda: [1, 1] == _current(shared), what="the gauge")


def _current(shared: Replicas) -> list[float]:
    """Whether each replica goes by the tenants of now."""
    return [one.metric("tiergate_tenants_current") for one in (shared.one, shared.other)]


def _asks_redis(gateway: Gateway, key: str) -> bool:
    """Whether the answer to a request with a limit was Redis's."""
    ask(gateway, key)
    return gateway.metric("tiergate_redis_up", role="state") == 1


def test_what_a_worker_admits_the_router_settles(tmp_path: Path) -> None:
    """The access log comes to another process than the one that has decided."""
    with RedisServer(tmp_path) as redis:
        sections: dict[str, Any] = {
            "tenants": {"plans": {"one": {"concurrent_requests": 1, "tokens_per_minute": 1000}}},
            "state": {"redis": {"url": redis.url, "deadline_seconds": 1}},
            "policy": {"fixed": "fast"},
            "gateway": harness.PATIENT["gateway"],
            "server": {**harness.PATIENT["server"], "workers": 2},
        }
        with harness.running(tmp_path, **sections) as gateway:
            key = created(gateway, "one", "one")
            for _ in range(4):
                until(lambda: ask(gateway, key, max_tokens=400).status == 200, what="its turn")

            assert 4 == len(gateway.tiers["fast"][0].seen())
