"""One StreamProcessor for each ext_proc stream: messages in, messages out, no socket in it.

    request_headers ──► stages; what needs no body is answered at once
    request_body    ──► stages, decision: headers for the route, or an answer of the router's own
    response_*      ──► shown to the watchers that a stage has set, and let through
    anything else   ──► let through unchanged

Where a stage must ask for shared state, `handle` gives what is to be awaited in place of a reply,
and `resume` takes what came of it. Envoy's filter sends the body buffered, so it comes as one
message, which does not end the stream where trailers follow. Should it come in chunks, they are
gathered and the last one is answered.
"""

import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from msgspec.structs import replace

from extproc import mutation
from extproc._pb import ext_proc_pb2 as pb
from extproc.decision import Reason
from extproc.errors import MalformedRequest, RequestError, RequestTooLarge, Unavailable
from extproc.exchange import Answer, Exchange
from extproc.headers import PREFER
from extproc.request import parse
from extproc.routing import Routing
from extproc.stages import Effect
from extproc.state import Result
from extproc.targets import resolve
from extproc.telemetry import Observer, Outcome

Reply: TypeAlias = bytes | Effect | None
MESSAGE_OVERHEAD: Final = 64 << 10
"""What a gRPC message of a whole body holds besides it."""
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


class StreamProcessor:
    """The state of one stream. `done` says that nothing more is to be said on it."""

    __slots__ = (
        "_admitted",
        "_buffered",
        "_chunks",
        "_exchange",
        "_marked",
        "_observer",
        "_routing",
        "_size",
        "_stages",
        "_started",
        "_steps",
        "done",
    )

    def __init__(self, routing: Routing, observer: Observer) -> None:
        self._routing = routing
        self._observer = observer
        self._exchange = Exchange(headers={})
        self._steps: Generator[Effect, Any, bytes] | None = None
        self._admitted = not routing.closed
        self._buffered = False
        self._chunks: list[bytes] = []
        self._size = 0
        self._started = self._marked = 0.0
        self._stages: dict[str, float] = {}
        self.done = False

    def handle(self, message: pb.ProcessingRequest) -> Reply:
        """The serialised answer to one message, or what must be awaited and given to `resume`
        before there is one; None where nothing was asked.
        """
        self._started = self._marked = time.perf_counter()
        kind = message.WhichOneof("request")
        try:
            if kind == "request_headers":
                mode = message.protocol_config.request_body_mode  # it comes with the first message
                self._buffered = mode == pb.BodySendMode.BUFFERED
                return self._on_headers(message.request_headers)
            if kind == "request_body":
                return self._on_body(message.request_body)
            if kind == "response_headers" and self._exchange.watchers:
                return self._on_response(message.response_headers)
            if kind == "response_body" and self._exchange.watchers:
                return self._on_piece(message.response_body)
        except Exception as error:  # noqa: BLE001 - a bug of ours must not fail the request
            return self._fail(kind, error)
        return _PASS.get(kind or "")

    def resume(self, results: Sequence[Result]) -> Reply:
        """As `handle`, once what it wanted has come."""
        try:
            return self._advance(results)
        except Exception as error:  # noqa: BLE001 - as above
            return self._fail("request_body", error)

    def close(self) -> None:
        """The stream has ended, by whomever; it may be called again."""
        unheard = not self.done and self._exchange.decision is None
        self.done = True
        if self._steps is not None:
            self._steps.close()
        if unheard:
            for stage in self._routing.stages:
                stage.left(self._exchange)
        watchers, self._exchange.watchers = self._exchange.watchers, []
        for watcher in watchers:
            watcher.ended()

    def _on_headers(self, received: pb.HttpHeaders) -> bytes:
        routing = self._routing
        headers = _read(received, routing.wanted)
        path = headers.get(":path", "")  # CONNECT has none
        self._exchange = exchange = Exchange(
            headers=headers, request_id=headers.get("x-request-id", "")
        )
        exchange.api = resolve(headers[":method"], path)
        for stage in routing.stages:
            stage.arrived(exchange)
        if exchange.api is None:
            body = routing.catalogue.answer(path, exchange.context.models)
            return self._answer(Answer(reason=Reason.MODELS_LISTED, body=body))
        if received.end_of_stream:
            raise MalformedRequest("The request has no body; a JSON object is needed.")
        self._check_size(int(headers.get("content-length", 0)))
        return mutation.CONTINUE_AND_SHOW if routing.watches else mutation.CONTINUE_HEADERS

    def _on_body(self, received: pb.HttpBody) -> Reply:
        self._size += len(received.body)
        self._check_size(self._size)
        self._chunks.append(received.body)
        if not (received.end_of_stream or self._buffered):
            return mutation.CONTINUE_BODY
        self._steps = self._decide(b"".join(self._chunks))
        return self._advance(None)

    def _advance(self, results: Sequence[Result] | None) -> Reply:
        if self._steps is None:
            raise RuntimeError("there is nothing to resume")
        try:
            return self._steps.send(results)
        except StopIteration as end:
            reply: bytes = end.value
            return reply

    def _decide(self, body: bytes) -> Generator[Effect, Sequence[Result], bytes]:
        exchange = self._exchange
        if exchange.api is None:
            raise RuntimeError("a body came without the headers that say what it is")
        exchange.body = body
        exchange.request = request = parse(exchange.api, body)
        wish = exchange.headers.get(PREFER)
        if wish is not None:
            exchange.context = replace(exchange.context, prefer=wish)
        self._mark("read")
        yield from self._routing.consult(exchange)
        self._mark("state")
        self._admitted = True
        if exchange.answer is not None:
            return self._answer(exchange.answer)
        exchange.decision = self._routing.router.decide(request, body, exchange.context)
        self._check_size(len(exchange.decision.body or b""))
        for stage in self._routing.stages:
            stage.decided(exchange)
        self._mark("decide")
        return self._steer(exchange)

    def _mark(self, stage: str) -> None:
        """Here ends a part of the decision."""
        now = time.perf_counter()
        self._stages[stage] = now - self._marked
        self._marked = now

    def _on_response(self, received: pb.HttpHeaders) -> bytes:
        exchange = self._exchange
        headers = _read(received, None)
        status = int(headers[":status"])
        curious = [watcher.began(status, headers) for watcher in exchange.watchers]
        if any(curious) and not received.end_of_stream:
            return mutation.SHOW_BODY
        self.close()
        return _PASS["response_headers"]

    def _on_piece(self, received: pb.HttpBody) -> bytes:
        usage: dict[str, float] = {}
        for watcher in self._exchange.watchers:
            usage.update(watcher.came(received.body, last=received.end_of_stream))
        if received.end_of_stream:
            self.close()
        return mutation.seen(usage)

    def _check_size(self, size: int) -> None:
        limit = self._routing.max_body_bytes
        if size > limit:
            raise RequestTooLarge(f"The body is over the limit of {limit} bytes.")

    def _fail(self, kind: str | None, error: Exception) -> bytes:
        """A refusal; or after a bug the default tier, and before the body has come no more than to
        go on.
        """
        if isinstance(error, RequestError):
            return self._refuse(error)
        passed = _PASS.get(kind or "")
        if passed is not None:
            self._observer.failed(error)
            self.close()
            return passed
        if not self._admitted or self._exchange.context.tiers is not None:
            # In the second case the default tier may be one that the tenant may not use.
            self._observer.failed(error)
            return self._refuse(Unavailable("The gateway could not check the request."))
        if kind == "request_headers":
            self._observer.failed(error)
            return mutation.CONTINUE_HEADERS
        fallback = self._routing.router.fallback(Reason.ROUTER_FAILED)
        self._exchange.decision = replace(fallback, failure=error)
        self.close()
        return self._steer(self._exchange)

    def _steer(self, exchange: Exchange) -> bytes:
        decision = exchange.decision
        assert decision is not None  # noqa: S101 - both callers have set it
        self._end(decision.reason)
        self.done = not exchange.watchers
        return mutation.steer(decision, exchange)

    def _answer(self, answer: Answer) -> bytes:
        self._end(answer.reason)
        return mutation.answer(answer, self._exchange.facts)

    def _refuse(self, error: RequestError) -> bytes:
        self._end(error.reason)
        return mutation.refuse(error, self._exchange.facts)

    def _end(self, reason: Reason) -> None:
        self.done = True
        self._chunks.clear()
        outcome = Outcome(
            reason=reason,
            seconds=time.perf_counter() - self._started,
            request_id=self._exchange.request_id,
            decision=self._exchange.decision,
            stages=self._stages,
        )
        self._observer.decided(outcome)


def _read(received: pb.HttpHeaders, wanted: frozenset[str] | None) -> Mapping[str, str]:
    """The headers of those names, or all. A repeated one is one list (RFC 9110, section 5.3): to
    choose would let a client show two credentials.
    """
    read: dict[str, str] = {}
    for header in received.headers.headers:
        key = header.key
        if wanted is None or key in wanted:
            value = header.raw_value.decode("latin-1")
            read[key] = f"{read[key]},{value}" if key in read else value
    return read
