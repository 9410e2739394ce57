"""Decisions and errors as Envoy's protocol: the only place that writes headers.

Every function gives a serialised ProcessingResponse, so that any transport can send it as it is.
"""

from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Final, TypeAlias, cast

import msgspec

from extproc import headers
from extproc._pb import ext_proc_pb2 as pb
from extproc.decision import NO_TIER, Decision, Reason
from extproc.errors import MethodNotAllowed, RequestError

CONTINUE_HEADERS: Final = pb.ProcessingResponse(
    request_headers=pb.HeadersResponse()
).SerializeToString()
CONTINUE_BODY: Final = pb.ProcessingResponse(request_body=pb.BodyResponse()).SerializeToString()
_KNOWN: Final = 4096
"""Answers that are kept: a thousand scores for each of a few policies, at some 200 bytes."""
Facts: TypeAlias = tuple[tuple[str, str], ...]
_OVERWRITE: Final = pb.HeaderValueOption.HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD


def steer(decision: Decision) -> bytes:
    """The answer to the request's body: headers for the route, metadata for what comes after.

    Envoy refuses a new body whose length is not the header's, so both are set here together.
    """
    facts = tuple(_facts(decision).items())
    if decision.body is None:
        return _steered(decision.tier, facts, pinned=decision.pinned)
    return _steering(decision.tier, facts, decision.body, pinned=decision.pinned)


@lru_cache(maxsize=_KNOWN)
def _steered(tier: str, facts: Facts, *, pinned: bool) -> bytes:
    """Decisions that leave the body alone say few different things, so each is said once."""
    return _steering(tier, facts, None, pinned=pinned)


def _steering(tier: str, facts: Facts, body: bytes | None, *, pinned: bool) -> bytes:
    common = pb.CommonResponse(clear_route_cache=True)
    written = {headers.TIER: tier}
    if pinned:
        written[headers.PINNED] = "true"
    if body is not None:
        common.body_mutation.body = body
        written["content-length"] = str(len(body))
    _set_headers(common.header_mutation, written)
    response = pb.ProcessingResponse(request_body=pb.BodyResponse(response=common))
    _set_metadata(response, dict(facts))
    return response.SerializeToString()


def answer(body: bytes, reason: Reason) -> bytes:
    """An answer of the router's own, with status 200 and a JSON body."""
    return _immediate(HTTPStatus.OK, body, reason)


def refuse(error: RequestError) -> bytes:
    """An OpenAI-shaped JSON error with its status."""
    said = {
        "message": error.message,
        "type": "invalid_request_error",
        "param": error.param,
        "code": error.reason.value,
    }
    extra = {"allow": error.allow} if isinstance(error, MethodNotAllowed) else {}
    return _immediate(error.status, msgspec.json.encode({"error": said}), error.reason, extra)


def _immediate(
    status: HTTPStatus, body: bytes, reason: Reason, extra: Mapping[str, str] | None = None
) -> bytes:
    response = pb.ProcessingResponse()
    immediate = response.immediate_response
    immediate.status.code = cast("pb.StatusCode", status.value)  # an open enum
    immediate.body = body
    immediate.details = f"tiergate_{reason}"
    written = {"content-type": "application/json", headers.TIER: NO_TIER, **(extra or {})}
    written[headers.REASON] = reason.value
    _set_headers(immediate.headers, written)
    _set_metadata(response, {"tier": NO_TIER, "reason": reason.value})
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
