"""Clients that leave, dawdle, come in crowds or reuse what they have."""

import asyncio
import json
import socket
from collections.abc import Iterator
from typing import Any

import aiohttp
import builders
import gateway as harness
import httpx2
import pytest
from calls import CHAT, JSON, receive
from faults import MATHS, PLAIN, Seen, ask, seen, streaming
from processes import until

LONG = builders.chat(stream=True, max_tokens=20_000, ignore_eos=True)
"""An answer of many minutes at the profile's pace."""


@pytest.fixture(scope="module")
def paced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.Gateway]:
    """A gateway whose tiers take 15 ms a token, and which waits a second for a request's end."""
    with harness.running(
        tmp_path_factory.mktemp("paced"),
        profile="qwen2.5-1.5b-t4",
        edit=_wait_a_second,
        policy=harness.POLICY,
        **harness.PATIENT,
    ) as running:
        yield running


def _wait_a_second(bootstrap: dict[str, Any]) -> None:
    listener = bootstrap["static_resources"]["listeners"][0]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    manager["request_timeout"] = "1s"


def _running(gateway: harness.Gateway) -> float:
    """How many answers the fast tier is generating."""
    text = harness.get(f"http://{gateway.tiers['fast'][0].address}/metrics").decode()
    name = "vllm:num_requests_running{"
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


def test_tier_stops_generating_for_a_client_that_left(paced: harness.Gateway) -> None:
    """Nobody pays for tokens that nobody reads."""
    until(lambda: _running(paced) == 0, what="the other tests' answers")
    with streaming(paced, LONG) as response:
        first = response.readline()
        busy = _running(paced)
    until(lambda: _running(paced) == 0, seconds=5, what="the abort")

    assert first.startswith(b"data: ")
    assert 1 == busy


def test_router_keeps_nothing_of_a_running_answer(paced: harness.Gateway) -> None:
    """The router is done with a request once it has decided, however long the answer takes."""
    active = "cluster.tiergate_router.upstream_rq_active"
    ask(paced, max_tokens=1)
    with streaming(paced, LONG) as response:
        response.readline()
        during = paced.envoy_stat(active)

    assert 0 == during


@pytest.mark.parametrize(
    ("text", "tier"), [(PLAIN, "fast"), (MATHS, "reasoning")], ids=["plain", "maths"]
)
def test_body_may_come_byte_by_byte(gateway: harness.Gateway, text: str, tier: str) -> None:
    """However a body is cut, it is judged as a whole."""
    body = builders.chat(text)
    with socket.create_connection(gateway.address, timeout=30) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(_head(body))
        for position in range(len(body)):
            client.sendall(body[position : position + 1])
        reply = receive(client)

    assert (200, tier) == (reply.status, reply.headers["x-tiergate-served-by"])


@pytest.mark.parametrize("part", ["none", "half"])
def test_body_that_never_comes_ends_with_408(paced: harness.Gateway, part: str) -> None:
    """A client that stops sending is told so, in OpenAI's shape, and no tier is asked."""
    body = builders.chat()
    with socket.create_connection(paced.address, timeout=30) as client:
        client.sendall(_head(body) + (b"" if part == "none" else body[: len(body) // 2]))
        reply = receive(client)
    error = reply.json()["error"]

    assert 408 == reply.status
    assert ("invalid_request_error", "request_timeout") == (error["type"], error["code"])
    assert "none" == reply.headers["x-tiergate-tier"]


async def test_a_hundred_streams_at_once_all_complete(gateway: harness.Gateway) -> None:
    """Every client gets the whole of its own answer from the tier that was chosen for it."""
    texts = [f"{MATHS if number % 2 else PLAIN} Part {number}." for number in range(100)]
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(gateway.url, connector=connector) as session:
        ends = await asyncio.gather(*(_whole_stream(session, text) for text in texts))

    assert [("reasoning" if number % 2 else "fast", True) for number in range(100)] == ends


async def _whole_stream(session: aiohttp.ClientSession, text: str) -> tuple[str, bool]:
    """Which tier answered, and whether its stream was whole."""
    body = builders.chat(text, stream=True)
    async with session.post(CHAT, data=body, headers={"content-type": JSON}) as response:
        events = (await response.read()).decode().strip().split("\n\n")
        last = json.loads(events[-2].removeprefix("data: "))
        whole = events[-1] == "data: [DONE]" and last["choices"][0]["finish_reason"] == "stop"
        return response.headers["x-tiergate-served-by"], whole


@pytest.mark.parametrize(
    ("path", "code"), [(CHAT, "model_not_found"), ("/v1/nothing", "path_not_found")]
)
def test_connection_outlives_a_refusal(gateway: harness.Gateway, path: str, code: str) -> None:
    """A client that was refused sends its next request on the same connection, whether its body
    was read or not.
    """
    body = builders.chat("x" * 1_000_000, model="nobody")
    with socket.create_connection(gateway.address, timeout=30) as client:
        client.sendall(_head(body, path=path) + body)
        refused = receive(client)
        client.sendall(_head(builders.chat()) + builders.chat())
        served = receive(client)

    assert (404, code) == (refused.status, refused.refusal().reason)
    assert Seen(200, "fast", "score_below", "fast") == seen(served)


def test_connection_that_ends_with_a_refusal_says_so(gateway: harness.Gateway) -> None:
    """After a 400 Envoy hangs up: the client must be told."""
    with socket.create_connection(gateway.address, timeout=30) as client:
        client.sendall(_head(b"{") + b"{")
        refused = receive(client)

    assert "close" == refused.headers["connection"]


def test_client_may_wait_for_the_go_ahead(gateway: harness.Gateway) -> None:
    """`Expect: 100-continue` is answered before the body is sent."""
    body = builders.chat()
    with socket.create_connection(gateway.address, timeout=30) as client:
        client.sendall(_head(body, "expect: 100-continue"))
        go_ahead = client.recv(1024)
        client.sendall(body)
        reply = receive(client)

    assert b"HTTP/1.1 100 Continue\r\n\r\n" == go_ahead
    assert Seen(200, "fast", "score_below", "fast") == seen(reply)


def test_client_may_speak_http2(gateway: harness.Gateway) -> None:
    """HTTP/2 needs no upgrade, and its many streams over one connection are steered one by one."""
    headers = {"content-type": JSON}
    with httpx2.Client(http1=False, http2=True, base_url=gateway.url, headers=headers) as client:
        answers = [client.post(CHAT, content=builders.chat(text)) for text in (PLAIN, MATHS)]

    assert ["HTTP/2", "HTTP/2"] == [answer.http_version for answer in answers]
    assert ["fast", "reasoning"] == [answer.headers["x-tiergate-served-by"] for answer in answers]


def _head(body: bytes, *more: str, path: str = CHAT) -> bytes:
    """A request's head that promises `body`."""
    lines = [
        f"POST {path} HTTP/1.1",
        "host: gateway",
        f"content-type: {JSON}",
        f"content-length: {len(body)}",
        *more,
    ]
    return "\r\n".join([*lines, "", ""]).encode()
