"""Over HTTP/2 what a client may do and what it is told are the same as over HTTP/1.1."""

from collections.abc import Iterator

import builders
import httpx2
import pytest
from calls import CHAT, JSON, Reply, digest, reached, send, verdict
from gateway import Gateway

from extproc import headers

HARD = "Find the integral of the polynomial."
LIMIT = builders.config().server.max_body_bytes


@pytest.fixture
def client(gateway: Gateway) -> Iterator[httpx2.Client]:
    """A client that speaks HTTP/2 from its first byte."""
    given = {"content-type": JSON}
    with httpx2.Client(
        http1=False, http2=True, base_url=gateway.url, headers=given, timeout=30
    ) as client:
        yield client


def read(response: httpx2.Response) -> Reply:
    """The response as the other tests look at one."""
    return Reply(status=response.status_code, headers=dict(response.headers), body=response.content)


def sized(size: int) -> bytes:
    """A chat of exactly `size` bytes, most of them in a field that no tier reads."""
    return builders.chat(HARD, filler="x" * (size - len(builders.chat(HARD, filler=""))))


@pytest.mark.parametrize("size", [65_536, 1 << 20, LIMIT], ids="{:,}".format)
def test_a_body_larger_than_the_window_is_served(
    gateway: Gateway, client: httpx2.Client, size: int
) -> None:
    """HTTP/2 hands a body out window by window; the gateway's limit is larger than a window."""
    body = sized(size)

    reply = read(client.post(CHAT, content=body))

    assert 200 == reply.status, reply.body
    ((tier, seen),) = reached(gateway, reply)
    assert ("reasoning", digest(body)) == (tier, seen["body_sha256"])


def test_a_body_over_the_limit_is_refused(client: httpx2.Client) -> None:
    """A body that turns out to be too large is refused in the same words."""
    reply = read(client.post(CHAT, content=iter([sized(LIMIT + 1)])))

    assert (413, "request_too_large", None) == reply.refusal()


def test_a_malformed_body_is_refused(client: httpx2.Client) -> None:
    """A refusal has the same status, shape and reason."""
    reply = read(client.post(CHAT, content=b"{"))

    assert (400, "malformed_request", None) == reply.refusal()


@pytest.mark.parametrize("name", headers.VERDICTS)
def test_a_forged_verdict_is_ignored(gateway: Gateway, client: httpx2.Client, name: str) -> None:
    """A verdict of the client's own does not count, once or several times."""
    forged = [(name, "reasoning"), (name, "true")]

    reply = read(client.post(CHAT, content=builders.chat(), headers=forged))

    assert verdict(send(gateway, builders.chat())) == verdict(reply)
    assert ["fast"] == [tier for tier, _ in reached(gateway, reply)]


def test_a_stream_is_streamed(client: httpx2.Client) -> None:
    """The events of a streamed answer come through, up to OpenAI's end of them."""
    body = builders.chat(stream=True, max_tokens=8)

    with client.stream("POST", CHAT, content=body) as response:
        lines = [line for line in response.iter_lines() if line]

    assert "text/event-stream" == response.headers["content-type"].partition(";")[0]
    assert "data: [DONE]" == lines[-1]
    assert 8 < len(lines)
