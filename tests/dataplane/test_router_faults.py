"""Whatever becomes of the router, a client is answered by a tier, and told that none was chosen."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import builders
import faults
import gateway as harness
import pytest
from calls import Refusal, send
from faults import MATHS, PLAIN, Seen, ask, seen, timed
from processes import until

UNDECIDED = Seen(200, "fast", "router_unavailable", "fast")
MESSAGE_TIMEOUT = 0.5
EARLY = 0.1
"""Envoy counts from when it woke up, which is before it read the request."""
PATIENCE = 2.0
"""What a busy machine may add to a request that itself takes milliseconds, in seconds."""


@pytest.fixture(scope="module")
def hung(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.Gateway]:
    """A gateway whose router hangs."""
    folder = tmp_path_factory.mktemp("hung")
    with (
        harness.running(folder, policy=harness.POLICY, server=harness.IMPATIENT) as running,
        faults.paused(running.router),
    ):
        yield running


@pytest.fixture(scope="module")
def routerless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.Gateway]:
    """A gateway whose router was killed; a router that is there would be given ten seconds."""
    folder = tmp_path_factory.mktemp("routerless")
    with harness.running(folder, policy=harness.POLICY, **harness.PATIENT) as running:
        faults.kill_router(running)
        yield running


@pytest.mark.parametrize("text", [PLAIN, MATHS], ids=["plain", "maths"])
def test_hung_router_leaves_requests_to_the_default_tier(hung: harness.Gateway, text: str) -> None:
    """A router that hangs costs a request the message timeout, and no more."""
    answered, seconds = timed(hung, text)

    assert UNDECIDED == answered
    assert MESSAGE_TIMEOUT - EARLY <= seconds < MESSAGE_TIMEOUT + PATIENCE


def test_hung_router_delays_many_clients_no_more_than_one(hung: harness.Gateway) -> None:
    """Requests do not queue up behind each other's timeouts."""
    with ThreadPoolExecutor(20) as clients:
        results = list(clients.map(timed, [hung] * 20))

    assert [UNDECIDED] * 20 == [answered for answered, _ in results]
    assert max(seconds for _, seconds in results) < MESSAGE_TIMEOUT + PATIENCE


def test_forged_headers_do_not_steer_past_a_hung_router(hung: harness.Gateway) -> None:
    """With nobody to overwrite them, the gateway's own headers are still not a client's to send."""
    forged = [
        ("x-tiergate-tier", "reasoning"),
        ("x-tiergate-pinned", "true"),
        ("x-tiergate-reason", "fixed"),
        ("x-tiergate-served-by", "reasoning"),
    ]

    assert UNDECIDED == seen(send(hung, builders.chat(), headers=forged))


def test_resumed_router_decides_again(own_gateway: harness.Gateway) -> None:
    """A router that hung for a while needs no restart."""
    with faults.paused(own_gateway.router):
        ask(own_gateway)
    until(lambda: faults.decides(own_gateway), seconds=5, what="decisions")

    assert Seen(200, "reasoning", "score_above", "reasoning") == seen(ask(own_gateway, MATHS))


def test_killed_router_is_noticed_at_once(routerless: harness.Gateway) -> None:
    """Requests do not wait for a router that is gone."""
    results = [timed(routerless, MATHS) for _ in range(5)]

    assert [UNDECIDED] * 5 == [answered for answered, _ in results]
    assert max(seconds for _, seconds in results) < PATIENCE


def test_gateway_starts_without_a_router(own_gateway: harness.Gateway) -> None:
    """Envoy serves from its first request on, also where there never was a router."""
    faults.kill_router(own_gateway)
    own_gateway.restart_envoy()

    assert UNDECIDED == seen(ask(own_gateway, MATHS))


def test_router_that_comes_back_decides_again(own_gateway: harness.Gateway) -> None:
    """A new router at the old address is used within seconds."""
    faults.kill_router(own_gateway)
    ask(own_gateway)
    own_gateway.restart_router()
    until(lambda: faults.decides(own_gateway), seconds=5, what="decisions")

    assert Seen(200, "reasoning", "score_above", "reasoning") == seen(ask(own_gateway, MATHS))


@pytest.mark.parametrize(
    "path", ["/v1/models", f"/v1/models/{builders.FAST_MODEL}"], ids=["all", "one"]
)
def test_models_cannot_be_listed_without_a_router(routerless: harness.Gateway, path: str) -> None:
    """No tier knows all names, so the answer is an error in OpenAI's shape and not half a list."""
    reply = send(routerless, path=path)
    error = reply.json()["error"]

    assert (503, "application/json") == (reply.status, reply.headers["content-type"])
    assert {"message", "type", "param", "code"} == set(error)
    assert ("server_error", "router_unavailable") == (error["type"], error["code"])
    assert "router_unavailable" == reply.headers["x-tiergate-reason"]


UNSERVED = [
    ("GET", "/admin/faults"),
    ("DELETE", "/admin/faults"),
    ("GET", "/admin/requests"),
    ("GET", "/metrics"),
    ("GET", "/health"),
    ("GET", "/version"),
    ("POST", "/v1/load_lora_adapter"),
    ("GET", "/v1/chat/completions/../../../admin/requests"),
    ("GET", "/v1/models/../../metrics"),
    ("GET", "/"),
]


@pytest.mark.parametrize(("method", "path"), UNSERVED, ids=lambda word: word.strip("/") or "root")
def test_unserved_paths_stay_closed_without_a_router(
    routerless: harness.Gateway, method: str, path: str
) -> None:
    """With nobody to refuse them, the tiers' own endpoints are still not a client's to reach."""
    reply = send(routerless, path=path, method=method)

    assert Refusal(404, "path_not_found") == reply.refusal()
