"""The real Envoy and every way to a decision: either transport, a Unix socket, two workers.

All the other tests here run on one native process, and on others where they are told to:
`TIERGATE_TEST_SERVER='{"transport": "grpc"}' pytest`.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from builders import chat
from calls import send
from gateway import PATIENT, POLICY, Gateway, get, running
from processes import until

from extproc.dataplane.clusters import ROUTER

SHAPES: Mapping[str, Mapping[str, object]] = {
    "grpc": {"transport": "grpc"},
    "socket": {"transport": "native"},
    "workers": {"transport": "native", "workers": 2},
    "workers-grpc": {"transport": "grpc", "workers": 2},
}


@pytest.fixture(scope="module", params=SHAPES)
def gateway(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """A gateway whose router has that transport, and so many workers."""
    folder = tmp_path_factory.mktemp("transport")
    listen = f"unix:{folder}/r.sock" if request.param == "socket" else "127.0.0.1:0"
    sections: dict[str, Any] = {**PATIENT, "policy": POLICY}
    sections["server"] = {**sections["server"], **SHAPES[request.param]}
    with running(folder, listen=listen, **sections) as made:
        yield made


@pytest.mark.parametrize(
    ("text", "tier"), [("hello", "fast"), ("Prove that $a^2 + b^2 = c^2$.", "reasoning")]
)
def test_requests_are_steered(gateway: Gateway, text: str, tier: str) -> None:
    """To the tier that the policy says."""
    reply = send(gateway, chat(text))

    assert (200, tier) == (reply.status, reply.headers["x-tiergate-served-by"])


@pytest.mark.parametrize("size", [1, 20_000, 1_000_000, 8_000_000])
def test_bodies_of_any_size_are_decided(gateway: Gateway, size: int) -> None:
    """Over as many frames and windows as it takes; vLLM may find it too long."""
    reply = send(gateway, chat("x " * (size // 2)))

    assert "score_below" == reply.headers["x-tiergate-reason"]


def test_refusals_are_told(gateway: Gateway) -> None:
    """With the same words."""
    assert (400, "malformed_request") == send(gateway, b"{").refusal()[:2]


def test_many_requests_at_once_are_all_decided_and_counted(gateway: Gateway) -> None:
    """The page for operators has all workers' counts, and the access log's."""
    counted = gateway.metric("tiergate_decisions_total", tier="fast")
    logged = gateway.metric("tiergate_requests_total", served_by="fast")
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: send(gateway, chat()), range(100)))

    assert {"score_below"} == {reply.headers["x-tiergate-reason"] for reply in replies}
    assert counted + 100 == gateway.metric("tiergate_decisions_total", tier="fast")
    until(lambda: gateway.metric("tiergate_requests_total", served_by="fast") >= logged + 100)


def test_every_worker_has_a_share(gateway: Gateway) -> None:
    """Envoy goes round its endpoints, stream by stream."""
    for _ in range(20):
        send(gateway, chat())
    clusters = get(f"{gateway.envoy_admin}/clusters").decode().splitlines()
    shares = [
        int(line.rpartition("::")[2])
        for line in clusters
        if line.startswith(f"{ROUTER}::") and "::rq_total::" in line
    ]

    assert gateway.config.server.workers == len(shares)
    assert min(shares) > 0.4 * sum(shares) / len(shares)
