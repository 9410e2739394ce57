"""A tier that fails is stood in for before the first byte, and never after it."""

import contextlib
import http.client
import itertools
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import builders
import gateway as harness
import pytest
from calls import CHAT, JSON, Reply, digest, reached, send
from faults import MATHS, PLAIN, Seen, ask, attempts, seen, streaming
from processes import POLL, until

STOOD_IN = Seen(200, "reasoning", "score_above", "fast")
PINNED = builders.REASONING_MODEL
LEAST = 4
"""Retries that a frugal gateway always allows at a time."""


@pytest.fixture(scope="module")
def halved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.Gateway]:
    """A gateway whose reasoning tier was killed."""
    folder = tmp_path_factory.mktemp("halved")
    with harness.running(folder, policy=harness.POLICY, **harness.PATIENT) as running:
        running.tiers["reasoning"][0].kill()
        yield running


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_other_tier_stands_in_for_a_dead_one(halved: harness.Gateway, stream: bool) -> None:
    """The client gets its answer, and learns who was chosen and who answered."""
    assert STOOD_IN == seen(ask(halved, MATHS, stream=stream))


def test_stand_in_gets_the_body_as_the_client_sent_it(halved: harness.Gateway) -> None:
    """A retry repeats the request byte by byte, also one of many packets."""
    body = builders.chat(MATHS + " padding" * 15_000)
    reply = send(halved, body)
    seen_by = [(tier, what["body_sha256"]) for tier, what in reached(halved, reply)]

    assert STOOD_IN == seen(reply)
    assert [("fast", digest(body))] == seen_by


def test_nobody_stands_in_for_a_tier_that_was_asked_for(halved: harness.Gateway) -> None:
    """Who names a tier's own model gets that model or an error."""
    reply = ask(halved, model=PINNED)
    error = reply.json()["error"]

    assert Seen(503, "reasoning", "requested_model", "none") == seen(reply)
    assert {"message", "type", "param", "code"} == set(error)
    assert ("server_error", "tier_unavailable") == (error["type"], error["code"])
    assert {} == attempts(halved, reply)


def test_no_tier_left_is_an_error_in_openai_shape(own_gateway: harness.Gateway) -> None:
    """With every tier dead the client is told so at once."""
    for tier in own_gateway.tiers.values():
        tier[0].kill()
    started = time.monotonic()
    reply = ask(own_gateway, MATHS)
    seconds = time.monotonic() - started
    error = reply.json()["error"]

    assert Seen(503, "reasoning", "score_above", "none") == seen(reply)
    assert JSON == reply.headers["content-type"]
    assert {"message", "type", "param", "code"} == set(error)
    assert ("server_error", "tier_unavailable") == (error["type"], error["code"])
    assert seconds < 5


@pytest.mark.parametrize(
    "fault",
    [{"status": 429, "retry_after": 7}, {"status": 503}, {"reset": "before_headers"}],
    ids=["429", "503", "reset"],
)
def test_other_tier_stands_in_for_one_that_refuses(
    gateway: harness.Gateway, fault: dict[str, object]
) -> None:
    """A tier that is full, that is not ready or that hangs up is asked once, then the other."""
    gateway.tiers["reasoning"][0].fault(**fault)
    reply = ask(gateway, MATHS)

    assert STOOD_IN == seen(reply)
    assert {"reasoning": 1, "fast": 1} == attempts(gateway, reply)


@pytest.mark.parametrize("status", [400, 401, 404, 422, 500, 502])
def test_tiers_own_errors_are_the_answer(gateway: harness.Gateway, status: int) -> None:
    """What the model's server says of the request would not be different elsewhere."""
    gateway.tiers["reasoning"][0].fault(status=status)
    reply = ask(gateway, MATHS)

    assert Seen(status, "reasoning", "score_above", "reasoning") == seen(reply)
    assert status == reply.json()["error"]["code"]
    assert {"reasoning": 1} == attempts(gateway, reply)


def test_full_tier_that_was_asked_for_says_when_to_come_back(gateway: harness.Gateway) -> None:
    """A pinned request is not retried on 429, and keeps the tier's Retry-After."""
    gateway.tiers["reasoning"][0].fault(status=429, retry_after=7)
    reply = ask(gateway, model=PINNED)

    assert (429, "7") == (reply.status, reply.headers["retry-after"])
    assert {"reasoning": 1} == attempts(gateway, reply)


@pytest.mark.parametrize("status", [429, 503])
def test_attempts_are_bounded_where_every_tier_refuses(
    gateway: harness.Gateway, status: int
) -> None:
    """Each tier is asked once a request, and the last one's refusal is the answer."""
    for tier in gateway.tiers.values():
        tier[0].fault(status=status, retry_after=7)
    reply = ask(gateway, MATHS)

    assert (status, "7") == (reply.status, reply.headers["retry-after"])
    assert {"reasoning": 1, "fast": 1} == attempts(gateway, reply)


def test_stream_that_breaks_off_ends_with_an_error(gateway: harness.Gateway) -> None:
    """After the first byte nobody may stand in: the client sees the end as what it is, and so does
    who watches.
    """
    before = gateway.metric("tiergate_broken_answers_total", served_by="reasoning")
    gateway.tiers["reasoning"][0].fault(reset="mid_stream", after_tokens=3)
    with streaming(gateway, builders.chat(MATHS, stream=True)) as response:
        headers = {name.lower(): value for name, value in response.getheaders()}
        with pytest.raises(http.client.IncompleteRead) as broken:
            response.read()
    reply = Reply(status=response.status, headers=headers, body=broken.value.partial)

    assert Seen(200, "reasoning", "score_above", "reasoning") == seen(reply)
    assert b"[DONE]" not in reply.body
    assert {"reasoning": 1} == attempts(gateway, reply)
    until(
        lambda: gateway.metric("tiergate_broken_answers_total", served_by="reasoning") > before,
        what="the access log",
    )


def test_garbage_is_passed_on(gateway: harness.Gateway) -> None:
    """What a tier answers with 200 is its own business, also where it is no JSON."""
    gateway.tiers["reasoning"][0].fault(garbage=True)
    reply = ask(gateway, MATHS)

    assert Seen(200, "reasoning", "score_above", "reasoning") == seen(reply)
    assert b"<html>upstream request timeout" == reply.body


def test_hung_tier_does_not_delay_the_others_clients(gateway: harness.Gateway) -> None:
    """Requests that wait for one tier do not hold up those for another."""
    gateway.tiers["reasoning"][0].fault(hang=True)
    with contextlib.ExitStack() as waiting:
        for _ in range(20):
            client = http.client.HTTPConnection(*gateway.address, timeout=30)
            waiting.enter_context(contextlib.closing(client))
            client.request("POST", CHAT, builders.chat(MATHS), {"content-type": JSON})
        started = time.monotonic()
        answers = [seen(ask(gateway, PLAIN)) for _ in range(20)]
        seconds = time.monotonic() - started

    assert [Seen(200, "fast", "score_below", "fast")] * 20 == answers
    assert seconds < 5


def test_tier_that_says_it_is_unwell_is_left_alone(own_gateway: harness.Gateway) -> None:
    """Health checks keep requests away from a tier that would take them."""
    own_gateway.tiers["reasoning"][0].fault(health_status=503)
    until(lambda: seen(ask(own_gateway, MATHS)) == STOOD_IN, what="the stand-in")
    reply = ask(own_gateway, MATHS)

    assert {"fast": 1} == attempts(own_gateway, reply)


def test_tier_that_comes_back_is_used_again(own_gateway: harness.Gateway) -> None:
    """A tier that has restarted gets its requests back within seconds."""
    own_gateway.tiers["reasoning"][0].kill()
    until(lambda: _unhealthy(own_gateway) == 1, what="the health check to fail")
    stood_in = seen(ask(own_gateway, MATHS))
    own_gateway.restart_replica("reasoning")
    until(lambda: seen(ask(own_gateway, MATHS)).served_by == "reasoning", seconds=5, what="it")

    assert STOOD_IN == stood_in


def _unhealthy(gateway: harness.Gateway) -> int:
    total = gateway.envoy_stat("cluster.reasoning.membership_total")
    return total - gateway.envoy_stat("cluster.reasoning.membership_healthy")


@pytest.fixture
def doubled(tmp_path: Path) -> Iterator[harness.Gateway]:
    """A gateway with two replicas of each tier."""
    with harness.running(tmp_path, replicas=2, policy=harness.POLICY, **harness.PATIENT) as running:
        yield running


@pytest.mark.parametrize("dead", [True, False], ids=["killed", "503"])
def test_replica_stands_in_for_its_twin(doubled: harness.Gateway, dead: bool) -> None:
    """A pinned request survives the loss of one replica of its tier, from the first one on."""
    broken = doubled.tiers["reasoning"][0]
    if dead:
        broken.kill()
    else:
        broken.fault(status=503)
    answers = [seen(ask(doubled, model=PINNED)) for _ in range(20)]

    assert [Seen(200, "reasoning", "requested_model", "reasoning")] * 20 == answers


@pytest.mark.parametrize("how", ["killed", "503", "reset"])
def test_replica_stands_in_for_its_twin_when_it_is_busy(doubled: harness.Gateway, how: str) -> None:
    """However little is under way at the one that fails at once."""
    broken, busy = doubled.tiers["reasoning"]
    busy.fault(delay_seconds=1.0)
    with ThreadPoolExecutor(40) as clients:

        def asked(many: int) -> list[Future[Reply]]:
            """So many requests, one after the other: Envoy counts those that have a connection."""
            made = []
            for _ in range(many):
                made.append(clients.submit(ask, doubled, model=PINNED))
                POLL.wait(0.03)
            return made

        asked(12)
        if how == "killed":
            broken.kill()
        else:
            broken.fault(**({"status": 503} if how == "503" else {"reset": "before_headers"}))
        answers = [seen(one.result()) for one in asked(20)]

    assert [Seen(200, "reasoning", "requested_model", "reasoning")] * 20 == answers


def test_replica_that_drops_requests_is_set_aside(doubled: harness.Gateway) -> None:
    """Although it takes connections, and says that it is well."""
    doubled.tiers["reasoning"][0].fault(reset="before_headers")

    def ejected() -> bool:
        ask(doubled, model=PINNED)
        return doubled.envoy_stat("cluster.reasoning.outlier_detection.ejections_active") == 1

    until(ejected, what="the ejection")

    assert 1 == doubled.envoy_stat("cluster.reasoning.outlier_detection.ejections_enforced_total")


def test_tier_lives_on_with_one_replica(doubled: harness.Gateway) -> None:
    """No request is lost with a replica, and its tier soon answers all of them again."""
    doubled.tiers["reasoning"][0].kill()
    at_once = [seen(ask(doubled, MATHS)).status for _ in range(20)]
    until(lambda: _unhealthy(doubled) == 1, what="the health check to fail")
    later = [seen(ask(doubled, MATHS)) for _ in range(20)]

    assert [200] * 20 == at_once
    assert [Seen(200, "reasoning", "score_above", "reasoning")] * 20 == later


@pytest.mark.parametrize(
    ("fields", "cluster", "stand_in"),
    [({"model": PINNED}, "reasoning", ("reasoning", 1)), ({}, "tier_reasoning", ("fast", 0))],
    ids=["replica", "tier"],
)
def test_retries_are_bounded_where_the_stand_in_hangs(
    tmp_path: Path, fields: dict[str, str], cluster: str, stand_in: tuple[str, int]
) -> None:
    """What is over the bound gets the first refusal, and does not wait in a second queue."""
    tier, first = stand_in
    with (
        harness.running(
            tmp_path, replicas=2, edit=_frugal, policy=harness.POLICY, **harness.PATIENT
        ) as gateway,
        contextlib.ExitStack() as clients,
    ):
        for replica in gateway.tiers["reasoning"]:
            replica.fault(status=503)
        hung = gateway.tiers[tier][first:]
        for replica in hung:
            replica.fault(hang=True)
        for sent in itertools.takewhile(lambda _: not _refused(gateway, cluster), range(1, 50)):
            client = http.client.HTTPConnection(*gateway.address, timeout=30)
            clients.enter_context(contextlib.closing(client))
            client.request("POST", CHAT, builders.chat(MATHS, **fields), {"content-type": JSON})
            until(lambda: _waiting(hung) + _refused(gateway, cluster) == sent)  # noqa: B023
        retried = gateway.envoy_stat(f"cluster.{cluster}.upstream_rq_retry")
        refused = _refused(gateway, cluster)

    assert (LEAST, 1) == (retried, refused)


def _frugal(bootstrap: dict[str, Any]) -> None:
    """As few retries at a time as a test can wait for, and no replica too busy for one more."""
    for cluster in bootstrap["static_resources"]["clusters"]:
        (threshold,) = cluster["circuit_breakers"]["thresholds"]
        if "retry_budget" in threshold:
            threshold["retry_budget"]["budget_percent"]["value"] = 0
            threshold["retry_budget"]["min_retry_concurrency"] = LEAST
            del cluster["common_lb_config"]["consistent_hashing_lb_config"]
        if "max_retries" in threshold:
            threshold["max_retries"] = LEAST


def _waiting(hung: Sequence[harness.Replica]) -> int:
    return sum(len(replica.seen()) for replica in hung)


def _refused(gateway: harness.Gateway, cluster: str) -> int:
    return gateway.envoy_stat(f"cluster.{cluster}.upstream_rq_retry_overflow")
