"""HTTP calls as a client makes them, byte by byte where a test needs it."""

import contextlib
import hashlib
import http.client
import json
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from gateway import Gateway, get

CHAT: Final = "/v1/chat/completions"
JSON: Final = "application/json"
_HANG_UPS: Final = (BrokenPipeError, ConnectionResetError)


class Refusal(NamedTuple):
    """What a client learns of a request that no tier was asked."""

    status: int
    reason: str | None
    param: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole response; the headers' names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - whatever the body holds
        """The body's value."""
        return json.loads(self.body)

    def refusal(self) -> Refusal:
        """The refusal, whose body must be JSON in OpenAI's shape and agree with the headers."""
        assert JSON == self.headers["content-type"], self.headers
        assert ["error"] == list(self.json())
        error = self.json()["error"]
        assert {"message", "type", "param", "code"} == set(error)
        assert "invalid_request_error" == error["type"]
        assert isinstance(error["message"], str)
        assert error["message"]
        reason = self.headers.get("x-tiergate-reason")
        assert error["code"] == reason
        return Refusal(self.status, reason, error["param"])


def send(
    gateway: Gateway,
    body: bytes | Iterable[bytes] | None = None,
    *,
    path: str = CHAT,
    method: str | None = None,
    headers: Iterable[tuple[str, str]] = (),
) -> Reply:
    """One request on a connection of its own; a body that is no bytes is sent in chunks.

    The gateway may answer and hang up before it has the whole body.
    """
    pairs = list(headers)
    if body is not None and not any(name.lower() == "content-type" for name, _ in pairs):
        pairs.append(("content-type", JSON))
    chunked = body is not None and not isinstance(body, bytes)
    if isinstance(body, bytes):
        pairs.append(("content-length", str(len(body))))
    elif chunked:
        pairs.append(("transfer-encoding", "chunked"))
    connection = http.client.HTTPConnection(*gateway.address, timeout=30)
    with contextlib.closing(connection):
        connection.putrequest(method or ("GET" if body is None else "POST"), path)
        for name, value in pairs:
            connection.putheader(name, value)
        with contextlib.suppress(*_HANG_UPS):
            connection.endheaders(body, encode_chunked=chunked)
        return _whole(connection.getresponse())


def receive(connection: socket.socket) -> Reply:
    """The response to what a test has written on a connection of its own."""
    with contextlib.closing(http.client.HTTPResponse(connection)) as response:
        response.begin()
        return _whole(response)


def _whole(response: http.client.HTTPResponse) -> Reply:
    body = response.read()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Reply(status=response.status, headers=headers, body=body)


def reached(gateway: Gateway, reply: Reply) -> list[tuple[str, dict[str, Any]]]:
    """Every tier that saw the request of `reply`, with what it saw."""
    wanted = reply.headers["x-request-id"]
    return [
        (tier, seen)
        for tier, replicas in gateway.tiers.items()
        for replica in replicas
        for seen in replica.seen()
        if seen["headers"].get("x-request-id") == wanted
    ]


def tier_requests(gateway: Gateway) -> int:
    """How many requests Envoy has sent to the tiers, whatever their paths."""
    names = f"^cluster.({'|'.join(gateway.tiers)}).upstream_rq_total$"
    lines = get(f"{gateway.envoy_admin}/stats?filter={quote(names)}").decode().splitlines()
    return sum(int(line.rpartition(":")[2]) for line in lines)


def verdict(reply: Reply) -> dict[str, str]:
    """The gateway's own headers, without their common prefix."""
    prefix = "x-tiergate-"
    return {
        name.removeprefix(prefix): value
        for name, value in reply.headers.items()
        if name.startswith(prefix)
    }


def digest(body: bytes) -> str:
    """A body's digest, as the simulator lists it."""
    return hashlib.sha256(body).hexdigest()
