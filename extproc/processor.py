"""One StreamProcessor for each ext_proc stream: messages in, messages out, no socket in it.

    request_headers ──► path and wish remembered; a bodyless request is answered at once
    request_body    ──► decided: headers for the route, or an answer of the router's own
    anything else   ──► let through unchanged

Envoy's filter sends the body buffered, so it comes as one message, which does not end the stream
where trailers follow. Should it come in chunks, they are gathered and the last one is answered.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from extproc import mutation
from extproc._pb import ext_proc_pb2 as pb
from extproc.config import Config
from extproc.decision import Decision, Reason
from extproc.errors import MalformedRequest, RequestError, RequestTooLarge
from extproc.headers import PREFER
from extproc.request import Api
from extproc.router import Router
from extproc.targets import Catalogue, resolve
from extproc.telemetry import Observer, Outcome

MESSAGE_OVERHEAD: Final = 64 << 10
"""What a gRPC message of a whole body holds besides it."""
_WANTED: Final = frozenset({":method", ":path", "content-length", "x-request-id", PREFER})
_PASS: Final[Mapping[str, bytes]] = {
    "response_headers": pb.ProcessingResponse(
        response_headers=pb.HeadersResponse()
    ).SerializeToString(),
    "response_body": pb.ProcessingResponse(response_body=pb.BodyResponse()).SerializeToString(),
    "request_trailers": pb.ProcessingResponse(
        request_trailers=pb.TrailersResponse()
    ).SerializeToString(),
    "response_trailers": pb.ProcessingResponse(
        response_trailers=pb.TrailersResponse()
    ).SerializeToString(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """What one config makes of requests: swapped as a whole when the config changes."""

    router: Router
    catalogue: Catalogue
    max_body_bytes: int


def routing(config: Config) -> Routing:
    """All that a config makes of requests; ConfigError where it cannot."""
    return Routing(
        router=Router(config),
        catalogue=Catalogue(config),
        max_body_bytes=config.server.max_body_bytes,
    )


class StreamProcessor:
    """The state of one stream. `done` says that nothing more is to be said on it."""

    __slots__ = (
        "_api",
        "_buffered",
        "_chunks",
        "_headers",
        "_observer",
        "_routing",
        "_size",
        "_started",
        "done",
    )

    def __init__(self, routing: Routing, observer: Observer) -> None:
        self._routing = routing
        self._observer = observer
        self._headers: Mapping[str, str] = {}
        self._api: Api | None = None
        self._buffered = False
        self._chunks: list[bytes] = []
        self._size = 0
        self._started = 0.0
        self.done = False

    def handle(self, message: pb.ProcessingRequest) -> bytes | None:
        """The serialised answer to one message; None where nothing was asked."""
        self._started = time.perf_counter()
        kind = message.WhichOneof("request")
        if message.HasField("protocol_config"):
            mode = message.protocol_config.request_body_mode
            self._buffered = mode == pb.BodySendMode.BUFFERED
        try:
            if kind == "request_headers":
                return self._on_headers(message.request_headers)
            if kind == "request_body":
                return self._on_body(message.request_body)
        except RequestError as error:
            self._end(error.reason)
            return mutation.refuse(error)
        except Exception as error:  # noqa: BLE001 - a bug of ours must not fail the request
            return self._fail_open(kind, error)
        return _PASS.get(kind or "")

    def _on_headers(self, received: pb.HttpHeaders) -> bytes:
        self._headers = {
            header.key: header.raw_value.decode("latin-1")
            for header in received.headers.headers
            if header.key in _WANTED
        }
        path = self._headers.get(":path", "")  # CONNECT has none
        self._api = resolve(self._headers[":method"], path)
        if self._api is None:
            body = self._routing.catalogue.answer(path)
            self._end(Reason.MODELS_LISTED)
            return mutation.answer(body, Reason.MODELS_LISTED)
        if received.end_of_stream:
            raise MalformedRequest("The request has no body; a JSON object is needed.")
        self._check_size(int(self._headers.get("content-length", 0)))
        return mutation.CONTINUE_HEADERS

    def _on_body(self, received: pb.HttpBody) -> bytes:
        self._size += len(received.body)
        self._check_size(self._size)
        self._chunks.append(received.body)
        if not (received.end_of_stream or self._buffered):
            return mutation.CONTINUE_BODY
        if self._api is None:
            raise RuntimeError("a body came without the headers that say what it is")
        body = b"".join(self._chunks)
        prefer = self._headers.get(PREFER)
        decision = self._routing.router.route(self._api, body, prefer=prefer)
        self._check_size(len(decision.body or b""))
        return self._steer(decision)

    def _check_size(self, size: int) -> None:
        limit = self._routing.max_body_bytes
        if size > limit:
            raise RequestTooLarge(f"The body is over the limit of {limit} bytes.")

    def _fail_open(self, kind: str | None, error: Exception) -> bytes:
        """The default tier; before the body has come, no more than to go on."""
        if kind == "request_headers":
            self._observer.failed(error)
            return mutation.CONTINUE_HEADERS
        fallback = self._routing.router.fallback(Reason.ROUTER_FAILED)
        return self._steer(replace(fallback, failure=error))

    def _steer(self, decision: Decision) -> bytes:
        self._end(decision.reason, decision)
        return mutation.steer(decision)

    def _end(self, reason: Reason, decision: Decision | None = None) -> None:
        self.done = True
        self._chunks.clear()
        outcome = Outcome(
            reason=reason,
            seconds=time.perf_counter() - self._started,
            request_id=self._headers.get("x-request-id", ""),
            decision=decision,
        )
        self._observer.decided(outcome)
