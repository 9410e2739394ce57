"""The contract's requests sent to a server, and its answers as they came."""

import contextlib
import http.client
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from contract_requests import Request
from contract_shapes import Shape, frames, shape

_SECONDS: Final = 120
_STREAM: Final = "text/event-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - whatever the body holds
        """The body's value."""
        return json.loads(self.body)

    def chunks(self) -> list[Any]:
        """The payloads of a stream, the end marker left out."""
        lines = self.body.decode().split("\n")
        data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
        return [json.loads(one) for one in data if one != "[DONE]"]

    def shapes(self) -> Sequence[Shape]:
        """Its status and type, then its body or its events."""
        kind = self.headers.get("content-type", "")
        head = [("status", str(self.status)), ("content-type", kind)]
        return [head, *(frames(self.body) if kind.startswith(_STREAM) else [shape(self.json())])]

    def message(self) -> str:
        """The words of a refusal, wherever they stand."""
        said = self.json()
        return str(said["error"]["message"] if "error" in said else said)


def call(address: str, request: Request) -> Answer:
    """Send `request` on a connection of its own and read the whole answer."""
    body = request.raw
    if body is None and request.body is not None:
        body = json.dumps(request.body).encode()
    headers = dict(request.headers)
    if body is not None:
        headers["content-type"] = request.kind
    method = request.method or ("GET" if body is None else "POST")
    host, _, port = address.rpartition(":")
    with contextlib.closing(http.client.HTTPConnection(host, int(port), timeout=_SECONDS)) as one:
        one.request(method, request.path, body, headers)
        response = one.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(status=response.status, headers=named, body=response.read())
