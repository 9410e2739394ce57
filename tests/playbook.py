"""Envoy's side of one stream: messages out, messages back, all of them Envoy's published ones."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from builders import RecordingObserver, config
from envoy.service.ext_proc.v3 import external_processor_pb2 as envoy
from google.protobuf.json_format import ParseDict

from extproc._pb import ext_proc_pb2 as pb
from extproc.config import Config
from extproc.processor import StreamProcessor
from extproc.router import Router
from extproc.routing import Routing
from extproc.targets import Catalogue

OVERWRITE = "OVERWRITE_IF_EXISTS_OR_ADD"


class Playbook:
    """One stream's processor, and what it told its observer."""

    def __init__(
        self, made: Config | None = None, clock: Callable[[], float] = lambda: 0.0
    ) -> None:
        made = made or config()
        self.observer = RecordingObserver()
        routing = Routing(
            router=Router(made, clock=clock),
            catalogue=Catalogue(made),
            max_body_bytes=made.server.max_body_bytes,
        )
        self.processor = StreamProcessor(routing, self.observer)

    def play(self, *messages: pb.ProcessingRequest) -> list[Any]:
        """The answers, as Envoy reads their bytes; None where there is none."""
        replies = [self.processor.handle(message) for message in messages]
        return [reply and envoy.ProcessingResponse.FromString(reply) for reply in replies]

    def reasons(self) -> list[str]:
        """The reasons that were told, in order."""
        return [outcome.reason.value for outcome in self.observer.outcomes]


def go_on(kind: str) -> Any:  # noqa: ANN401 - the published messages have no types
    """The answer that changes nothing."""
    return ParseDict({kind: {}}, envoy.ProcessingResponse())


def steered(tier: str, *, pinned: bool = False, body: bytes | None = None, **facts: str) -> Any:  # noqa: ANN401
    """The answer to a body that sends the request to `tier`; `facts` are the metadata's."""
    written = {"x-tiergate-tier": tier}
    if pinned:
        written["x-tiergate-pinned"] = "true"
    if body is not None:
        written["content-length"] = str(len(body))
    said = {"tier": tier, "model": "auto", "policy": "", **facts}
    reply = ParseDict(
        {
            "request_body": {
                "response": {"clear_route_cache": True, "header_mutation": {"set_headers": []}}
            },
            "dynamic_metadata": {"tiergate": said},
        },
        envoy.ProcessingResponse(),
    )
    common = reply.request_body.response
    _set(common.header_mutation, written)
    if body is not None:
        common.body_mutation.body = body
    return reply


def immediate(
    status: int, reason: str, body: object, *, more: Sequence[tuple[str, str]] = ()
) -> Any:  # noqa: ANN401
    """An answer of the router's own with a JSON body."""
    reply = ParseDict(
        {
            "immediate_response": {"status": {"code": status}, "details": f"tiergate_{reason}"},
            "dynamic_metadata": {"tiergate": {"tier": "none", "reason": reason}},
        },
        envoy.ProcessingResponse(),
    )
    reply.immediate_response.body = json.dumps(body, separators=(",", ":")).encode()
    written = {"content-type": "application/json", **dict(more)}
    written |= {"x-tiergate-tier": "none", "x-tiergate-reason": reason}
    _set(reply.immediate_response.headers, written)
    return reply


def refused(
    status: int,
    reason: str,
    message: str,
    *,
    param: str | None = None,
    more: Sequence[tuple[str, str]] = (),
) -> Any:  # noqa: ANN401
    """A refusal in OpenAI's shape."""
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": reason}
    return immediate(status, reason, {"error": error}, more=more)


def _set(mutation: Any, written: dict[str, str]) -> None:  # noqa: ANN401
    """Overwrite each header."""
    for key, value in written.items():
        mutation.set_headers.add(
            header={"key": key, "raw_value": value.encode()}, append_action=OVERWRITE
        )
