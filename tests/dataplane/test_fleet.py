"""Live load changes decisions: real tiers are scraped, and what they say moves requests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import gateway as harness
import pytest
from faults import MATHS, Seen, ask, seen
from processes import until

FLEET = {
    "scrape": {"interval_seconds": 0.1, "stale_seconds": 1.0},
    "limits": {"queue": 2},
    "spill": {"margin": 0.6},
    "shed": {"all_at": 50},
}
ONE_AT_A_TIME = ("--max-num-seqs", "1")
SHORT: Final[dict[str, Any]] = {"max_tokens": 1}


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.Gateway]:
    """A gateway whose replicas take one request at a time, and whose router knows their load."""
    with harness.running(
        tmp_path_factory.mktemp("fleet"),
        policy=harness.POLICY,
        fleet=FLEET,
        profile="qwen2.5-1.5b-t4",
        flags=ONE_AT_A_TIME,
        **harness.PATIENT,
    ) as running:
        yield running


def saturation(gateway: harness.Gateway, tier: str) -> float:
    """As the router says."""
    return gateway.metric("tiergate_fleet_saturation", tier=tier)


@contextmanager
def full(gateway: harness.Gateway, model: str, tier: str) -> Iterator[None]:
    """One tier has four long requests that name it, of which three wait."""
    clients = [
        threading.Thread(target=ask, args=(gateway,), kwargs={"model": model, "max_tokens": 60})
        for _ in range(4)
    ]
    for client in clients:
        client.start()
    until(lambda: saturation(gateway, tier) >= 1, what=f"{tier} to be full")
    yield
    for client in clients:
        client.join()


def test_scraped_tiers_are_known(busy: harness.Gateway) -> None:
    """From the first request on."""
    known = [busy.metric("tiergate_fleet_known", tier=tier) for tier in busy.tiers]

    assert [1.0, 1.0] == known
    assert Seen(200, "reasoning", "score_above", "reasoning") == seen(ask(busy, MATHS, **SHORT))


def test_requests_leave_a_full_tier_and_come_back(busy: harness.Gateway) -> None:
    """The other tier answers for as long as the first one has a queue, and no longer."""
    with full(busy, busy.config.tier("reasoning").model, "reasoning"):
        spilt = seen(ask(busy, MATHS, **SHORT))
    until(lambda: saturation(busy, "reasoning") < 1, what="room")

    assert Seen(200, "fast", "spillover_saturated", "fast") == spilt
    assert Seen(200, "reasoning", "score_above", "reasoning") == seen(ask(busy, MATHS, **SHORT))


def test_a_tier_without_replicas_is_not_chosen(tmp_path: Path) -> None:
    """Once a scrape has found nobody there, requests go to the other tier at the first attempt; and
    back when somebody is.
    """
    with harness.running(tmp_path, policy=harness.POLICY, fleet=FLEET, **harness.PATIENT) as one:
        one.tiers["reasoning"][0].kill()
        until(lambda: not one.metric("tiergate_fleet_ready_replicas", tier="reasoning"))
        spilt = seen(ask(one, MATHS))
        one.restart_replica("reasoning")
        until(lambda: one.metric("tiergate_fleet_ready_replicas", tier="reasoning") == 1)
        until(lambda: seen(ask(one, MATHS)).served_by == "reasoning", what="it to be used")

    assert Seen(200, "fast", "spillover_unready", "fast") == spilt
