"""Decisions and errors as Envoy's protocol: the only place that writes headers.

Every function gives a serialised ProcessingResponse, so that any transport can send it as it is.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias, cast

import msgspec

from extproc import headers
from extproc._pb import ext_proc_pb2 as pb
from extproc.decision import NO_TIER, Decision
from extproc.errors import RequestError
from extproc.exchange import Answer, Exchange

CONTINUE_HEADERS: Final = pb.ProcessingResponse(
    request_headers=pb.HeadersResponse()
).SerializeToString()
CONTINUE_AND_SHOW: Final = pb.ProcessingResponse(
    request_headers=pb.HeadersResponse(),
    mode_override=pb.ProcessingMode(
        response_header_mode=pb.HeaderSendMode.SEND, request_body_mode=pb.BodySendMode.BUFFERED
    ),
).SerializeToString()
"""As CONTINUE_HEADERS, and the response's headers are to come as well."""
SHOW_BODY: Final = pb.ProcessingResponse(
    response_headers=pb.HeadersResponse(),
    mode_override=pb.ProcessingMode(
        response_header_mode=pb.HeaderSendMode.SEND,
        request_body_mode=pb.BodySendMode.BUFFERED,
        response_body_mode=pb.BodySendMode.STREAMED,
    ),
).SerializeToString()
"""The response's headers go on, and its body is to come, piece by piece."""
CONTINUE_BODY: Final = pb.ProcessingResponse(request_body=pb.BodyResponse()).SerializeToString()
_KNOWN: Final = 4096
"""Answers that are kept: a thousand scores for each of a few policies, at some 200 bytes."""
Facts: TypeAlias = tuple[tuple[str, str], ...]
_PLAIN: Final = Exchange(headers={})
"""One of which no stage has said anything; nothing is written to it."""
_OVERWRITE: Final = pb.HeaderValueOption.HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD


def steer(decision: Decision, exchange: Exchange | None = None) -> bytes:
    """The answer to the request's body: headers for the route, metadata for what comes after.

    Envoy refuses a new body whose length is not the header's, so both are set here together.
    """
    facts = tuple(_facts(decision).items())
    written = _written(decision)
    exchange = exchange or _PLAIN
    own = exchange.facts
    if decision.body is None and not exchange.upstream:
        said = () if own else facts
        steered = _steered(said, tuple(written.items()), tuple(exchange.removed))
        return steered + _metadata((*facts, *own.items())) if own else steered
    return _steering(
        (*facts, *own.items()),
        {**written, **exchange.upstream},
        exchange.removed,
        decision.body,
    )


@lru_cache(maxsize=_KNOWN)
def _steered(facts: Facts, written: Facts, removed: Sequence[str]) -> bytes:
    """Decisions that leave the body alone say few different things, so each is said once."""
    return _steering(facts, dict(written), removed, None)


def _steering(
    facts: Facts, written: Mapping[str, str], removed: Sequence[str], body: bytes | None
) -> bytes:
    common = pb.CommonResponse(clear_route_cache=True)
    if body is not None:
        common.body_mutation.body = body
    _set_headers(common.header_mutation, written)
    common.header_mutation.remove_headers.extend(removed)
    response = pb.ProcessingResponse(request_body=pb.BodyResponse(response=common))
    return response.SerializeToString() + _metadata(facts)


def _metadata(facts: Facts) -> bytes:
    """A message of metadata alone: one message behind another is both of them as one."""
    response = pb.ProcessingResponse()
    if facts:
        _set_metadata(response, dict(facts))
    return response.SerializeToString()


def _written(decision: Decision) -> dict[str, str]:
    written = {headers.TIER: decision.tier}
    if decision.pinned:
        written[headers.PINNED] = "true"
    if decision.body is not None:
        written["content-length"] = str(len(decision.body))
    return written


def patience(seconds: float) -> bytes:
    """The answer takes longer than usual: Envoy is to wait for so long."""
    response = pb.ProcessingResponse()
    response.override_message_timeout.FromMilliseconds(math.ceil(1000 * seconds))
    return response.SerializeToString()


def seen(usage: Mapping[str, float]) -> bytes:
    """A piece of a response goes on; `usage` is what is now known of it."""
    response = pb.ProcessingResponse(response_body=pb.BodyResponse())
    if usage:
        known = response.dynamic_metadata.fields[headers.USAGE_NAMESPACE].struct_value.fields
        for key, value in usage.items():
            known[key].number_value = value
    return response.SerializeToString()


def answer(said: Answer, facts: Mapping[str, str] | None = None) -> bytes:
    """An answer of the router's own; `facts` are for the access log."""
    return _immediate(said, facts or {})


def refuse(error: RequestError, facts: Mapping[str, str] | None = None) -> bytes:
    """An OpenAI-shaped JSON error with its status."""
    said = {
        "message": error.message,
        "type": error.kind,
        "param": error.param,
        "code": error.reason.value,
    }
    written = {"content-type": "application/json", **error.headers}
    body = msgspec.json.encode({"error": said})
    refusal = Answer(reason=error.reason, body=body, status=error.status, headers=written)
    return _immediate(refusal, facts or {})


def _immediate(said: Answer, facts: Mapping[str, str]) -> bytes:
    response = pb.ProcessingResponse()
    immediate = response.immediate_response
    immediate.status.code = cast("pb.StatusCode", said.status.value)  # an open enum
    immediate.body = said.body
    immediate.details = f"tiergate_{said.reason}"
    written = {**said.headers, headers.TIER: NO_TIER, headers.REASON: said.reason.value}
    _set_headers(immediate.headers, written)
    _set_metadata(response, {"tier": NO_TIER, "reason": said.reason.value, **facts})
    return response.SerializeToString()


def _facts(decision: Decision) -> Mapping[str, str]:
    facts = {
        "tier": decision.tier,
        "reason": decision.reason.value,
        "model": decision.model,
        "policy": decision.policy,
    }
    if decision.coverage is not None:
        facts["coverage"] = f"{decision.coverage:.2f}"
    if decision.score is not None:
        facts["score"] = f"{decision.score:.3f}"
    return facts


def _set_headers(mutation: pb.HeaderMutation, written: Mapping[str, str]) -> None:
    for key, value in written.items():
        mutation.set_headers.add(
            header=pb.HeaderValue(key=key, raw_value=value.encode()), append_action=_OVERWRITE
        )


def _set_metadata(response: pb.ProcessingResponse, facts: Mapping[str, str]) -> None:
    fields = response.dynamic_metadata.fields[headers.METADATA_NAMESPACE].struct_value.fields
    for key, value in facts.items():
        fields[key].string_value = value
