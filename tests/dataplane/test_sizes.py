"""How large a request may be, and what a client is told whose request is larger."""

import socket
from collections.abc import Iterator
from typing import Any

import builders
import pytest
from calls import CHAT, digest, reached, receive, send, tier_requests, verdict
from gateway import Gateway

from extproc.dataplane import render
from extproc.dataplane.pattern import shipped
from extproc.server import Server
from extproc.telemetry import Observers

MIB = 1 << 20
HARD = "Find the integral of the polynomial."
LIMIT = builders.config().server.max_body_bytes


def sized(size: int, text: str = "hello") -> bytes:
    """A chat of exactly `size` bytes, most of them in a field that no tier reads."""
    return builders.chat(text, filler="x" * (size - len(builders.chat(text, filler=""))))


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    """The body in pieces of `size` bytes, the last one perhaps shorter."""
    return (body[start : start + size] for start in range(0, len(body), size))


def head(body_length: int, *more: str) -> bytes:
    """The head of a chat with a body of that length."""
    lines = (
        f"POST {CHAT} HTTP/1.1",
        "host: gateway",
        "content-type: application/json",
        f"content-length: {body_length}",
        *more,
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@pytest.mark.parametrize("text", ["hello", HARD], ids=["easy", "hard"])
@pytest.mark.parametrize("size", [MIB, 4 * MIB, LIMIT - 1, LIMIT], ids="{:,}".format)
def test_a_body_up_to_the_limit_is_served(gateway: Gateway, size: int, text: str) -> None:
    """A body of any size up to the limit is decided on and reaches its tier whole."""
    body = sized(size, text)

    reply = send(gateway, body)

    assert 200 == reply.status, reply.body
    ((tier, seen),) = reached(gateway, reply)
    assert ("reasoning" if text == HARD else "fast") == tier
    assert (size, digest(body)) == (seen["body_length"], seen["body_sha256"])


@pytest.mark.parametrize("size", [MIB, LIMIT], ids="{:,}".format)
def test_a_chunked_body_up_to_the_limit_is_served(gateway: Gateway, size: int) -> None:
    """A body whose length is not said beforehand is decided on and reaches its tier whole."""
    body = sized(size, HARD)

    reply = send(gateway, pieces(body, 100_000))

    assert 200 == reply.status, reply.body
    ((tier, seen),) = reached(gateway, reply)
    assert ("reasoning", digest(body)) == (tier, seen["body_sha256"])


@pytest.mark.parametrize("size", [LIMIT + 1, 2 * LIMIT, 10**18], ids="{:,}".format)
def test_a_length_over_the_limit_is_refused_before_the_body(gateway: Gateway, size: int) -> None:
    """A client that says how much is coming hears 413 before it has sent a byte of it."""
    before = tier_requests(gateway)

    with socket.create_connection(gateway.address, timeout=10) as connection:
        connection.sendall(head(size))
        reply = receive(connection)

    assert (413, "request_too_large", None) == reply.refusal()
    assert str(LIMIT) in reply.json()["error"]["message"]
    assert before == tier_requests(gateway)


@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT + MIB], ids="{:,}".format)
def test_a_body_over_the_limit_is_refused(gateway: Gateway, size: int) -> None:
    """A client that sends its body without waiting reads the same 413."""
    reply = send(gateway, sized(size))

    assert (413, "request_too_large", None) == reply.refusal()


@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT + MIB], ids="{:,}".format)
def test_a_chunked_body_over_the_limit_is_refused(gateway: Gateway, size: int) -> None:
    """A body that turns out to be too large is answered 413 in OpenAI's shape by Envoy itself."""
    before = tier_requests(gateway)

    reply = send(gateway, pieces(sized(size), 100_000))

    assert (413, "request_too_large", None) == reply.refusal()
    assert "none" == verdict(reply)["tier"]
    assert before == tier_requests(gateway)


@pytest.mark.parametrize("chunks", [[], [b""]], ids=["no chunk", "an empty chunk"])
def test_a_chunked_body_of_nothing_is_refused(gateway: Gateway, chunks: list[bytes]) -> None:
    """A body that is announced and then empty is a malformed request, not a hanging one."""
    reply = send(gateway, chunks)

    assert (400, "malformed_request", None) == reply.refusal()


def test_a_limit_of_ones_own_is_kept_everywhere() -> None:
    """Envoy's two bounds are the config's, and what gRPC may carry is more than that."""
    config = builders.config(server={"max_body_bytes": 2 * MIB})
    there = "127.0.0.1:0"

    bootstrap = render(config, gateway=there, router=there, envoy_admin=there)
    server = Server(builders.routed, Observers(()), max_body_bytes=2 * MIB)

    assert (2 * MIB, 2 * MIB) == envoys_bounds(bootstrap)
    assert 2 * MIB < server._limit


def test_the_shipped_limit_is_the_default_one() -> None:
    """The bootstrap as it ships bounds a body as a config does that says nothing."""
    assert (LIMIT, LIMIT) == envoys_bounds(shipped())


def envoys_bounds(bootstrap: dict[str, Any]) -> tuple[int, int]:
    """The bounds of a buffered body: the listener's and the virtual host's."""
    listener = bootstrap["static_resources"]["listeners"][0]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    host = manager["route_config"]["virtual_hosts"][0]
    return listener["per_connection_buffer_limit_bytes"], host["request_body_buffer_limit"]


@pytest.mark.parametrize(
    "more",
    [
        pytest.param([f"x-large: {'x' * 100_000}"], id="one large"),
        pytest.param([f"x-some-{number}: x" for number in range(200)], id="many"),
    ],
)
def test_headers_over_the_limit_are_refused(gateway: Gateway, more: list[str]) -> None:
    """Too large or too many headers: a clear error in OpenAI's shape, and no tier is asked."""
    before = tier_requests(gateway)

    with socket.create_connection(gateway.address, timeout=10) as connection:
        connection.sendall(head(0, *more))
        reply = receive(connection)

    assert 431 == reply.status
    assert "headers_too_large" == reply.json()["error"]["code"]
    assert "malformed_request" == reply.headers["x-tiergate-reason"]
    assert before == tier_requests(gateway)


@pytest.mark.parametrize("size", [1, 7, 50])
def test_a_chunked_body_decides_like_a_whole_one(gateway: Gateway, size: int) -> None:
    """However a body is cut into chunks, the decision and the tier's body are the same."""
    body = builders.chat(HARD)

    reply = send(gateway, pieces(body, size))

    assert verdict(send(gateway, body)) == verdict(reply)
    ((_, seen),) = reached(gateway, reply)
    assert digest(body) == seen["body_sha256"]


def test_a_body_in_many_segments_decides_like_a_whole_one(gateway: Gateway) -> None:
    """However TCP delivers a body, a byte at a time even, the decision is the same."""
    body = builders.chat(HARD)

    with socket.create_connection(gateway.address, timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces(head(len(body)) + body, 1):
            connection.sendall(piece)
        reply = receive(connection)

    assert verdict(send(gateway, body)) == verdict(reply)
    ((_, seen),) = reached(gateway, reply)
    assert digest(body) == seen["body_sha256"]
