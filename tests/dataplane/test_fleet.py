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


def test_first_tokens_are_expected_and_compared(busy: harness.Gateway) -> None:
    """Once a replica's pace is known, with what vLLM then measures."""
    ask(busy, **SHORT)
    until(lambda: busy.metric("tiergate_fleet_prefill_tokens_per_second", tier="fast") > 0)
    ask(busy, **SHORT)
    until(lambda: busy.metric("tiergate_fleet_ttft_observed_seconds", tier="fast") > 0)
    expected = busy.metric("tiergate_fleet_ttft_expected_seconds", tier="fast")

    assert 0.01 < expected < 0.5


def test_far_beyond_the_limits_all_are_refused(tmp_path: Path) -> None:
    """In OpenAI's shape, and with the time after which to come back."""
    fleet = {**FLEET, "limits": {"queue": 0.5}, "shed": {"all_at": 1.5}}
    with harness.running(
        tmp_path,
        policy=harness.POLICY,
        fleet=fleet,
        profile="qwen2.5-1.5b-t4",
        flags=ONE_AT_A_TIME,
        **harness.PATIENT,
    ) as one:
        models = {tier.name: tier.model for tier in one.config.tiers}
        with full(one, models["fast"], "fast"), full(one, models["reasoning"], "reasoning"):
            reply = ask(one, MATHS)
    error = reply.json()["error"]

    assert Seen(503, "none", "overloaded", None) == seen(reply)
    assert ("server_error", "overloaded") == (error["type"], error["code"])
    assert 1 <= int(reply.headers["retry-after"]) <= 30


def test_a_tier_is_held_to_its_share(tmp_path: Path) -> None:
    """The threshold rises until what is near it goes to the cheaper tier, and says so."""
    steer = {"tier": "reasoning", "share": 0.1, "period_seconds": 0.3, "gain": 0.5}
    with harness.running(
        tmp_path, policy=harness.POLICY, fleet={**FLEET, "steer": steer}, **harness.PATIENT
    ) as one:
        until(lambda: seen(ask(one, MATHS)).reason == "steered", what="the threshold to rise")
        offset = one.metric("tiergate_fleet_threshold_offset")
        steered = seen(ask(one, MATHS))

    assert 0.4 <= offset <= 0.5
    assert Seen(200, "fast", "steered", "fast") == steered
