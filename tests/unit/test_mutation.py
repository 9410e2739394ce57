"""Decisions and errors on the wire, read back by Envoy's published messages."""

import json
from typing import Any

import pytest
from builders import decision
from envoy.service.ext_proc.v3 import external_processor_pb2 as envoy
from hypothesis import given, settings, strategies as st

from extproc import mutation
from extproc.decision import Reason
from extproc.errors import MalformedRequest, MethodNotAllowed, RequestError, RequestTooLarge
from extproc.exchange import Answer


def read(wire: bytes) -> Any:  # noqa: ANN401 - the published messages have no types
    """What Envoy makes of our bytes."""
    return envoy.ProcessingResponse.FromString(wire)


def written(header_mutation: Any) -> dict[str, str]:  # noqa: ANN401
    """The headers that are set, each of which overwrites."""
    options = header_mutation.set_headers
    assert {2} == {option.append_action for option in options}  # OVERWRITE_IF_EXISTS_OR_ADD
    return {option.header.key: option.header.raw_value.decode() for option in options}


def facts(response: Any) -> dict[str, str]:  # noqa: ANN401
    """The dynamic metadata."""
    return dict(response.dynamic_metadata["tiergate"])


def test_a_plain_decision_steers_by_one_header() -> None:
    """The route is chosen anew by the tier; the body goes on untouched."""
    common = read(mutation.steer(decision("reasoning"))).request_body.response

    assert {"x-tiergate-tier": "reasoning"} == written(common.header_mutation)
    assert common.clear_route_cache is True
    assert not common.HasField("body_mutation")
    assert 0 == common.status


def test_envoy_is_asked_for_patience_in_whole_milliseconds() -> None:
    """Rounded up, and nothing else is said."""
    reply = read(mutation.patience(1.2341))

    assert (1, 235_000_000) == (
        reply.override_message_timeout.seconds,
        reply.override_message_timeout.nanos,
    )
    assert reply.WhichOneof("response") is None


def test_a_pinned_decision_says_so() -> None:
    """Envoy then keeps other tiers from standing in."""
    common = read(mutation.steer(decision(pinned=True))).request_body.response

    assert {"x-tiergate-tier": "fast", "x-tiergate-pinned": "true"} == written(
        common.header_mutation
    )


def test_what_is_known_of_a_decision_is_metadata() -> None:
    """The access log and the response's headers are made of it."""
    made = decision(
        reason=Reason.SCORE_ABOVE, score=0.51234, policy="rules:x>threshold", coverage=0.333
    )

    assert {
        "tier": "fast",
        "reason": "score_above",
        "model": "auto",
        "policy": "rules:x>threshold",
        "score": "0.512",
        "coverage": "0.33",
    } == facts(read(mutation.steer(made)))


def test_what_nobody_said_is_not_metadata() -> None:
    """Without score and coverage there is no number that could be taken for one."""
    said = facts(read(mutation.steer(decision())))

    assert {"tier", "reason", "model", "policy"} == said.keys()


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300))
def test_the_length_is_always_the_bodys(body: bytes) -> None:
    """Envoy refuses a new body under another length, the empty one included."""
    common = read(mutation.steer(decision(body=body))).request_body.response

    assert body == common.body_mutation.body
    assert str(len(body)) == written(common.header_mutation)["content-length"]
    assert "body" == common.body_mutation.WhichOneof("mutation")


def test_an_answer_of_our_own_goes_to_no_tier() -> None:
    """Status 200, JSON, and a reason in the header, the details and the metadata."""
    response = read(mutation.answer(Answer(reason=Reason.MODELS_LISTED, body=b"{}")))
    immediate = response.immediate_response

    assert (200, b"{}", "tiergate_models_listed") == (
        immediate.status.code,
        immediate.body,
        immediate.details,
    )
    assert {
        "content-type": "application/json",
        "x-tiergate-tier": "none",
        "x-tiergate-reason": "models_listed",
    } == written(immediate.headers)
    assert {"tier": "none", "reason": "models_listed"} == facts(response)


@pytest.mark.parametrize(
    ("error", "status"),
    [(MalformedRequest('a "quoted" word', param="model"), 400), (RequestTooLarge("big"), 413)],
    ids=["400", "413"],
)
def test_a_refusal_has_openais_shape(error: RequestError, status: int) -> None:
    """Clients' libraries raise the right error from it."""
    immediate = read(mutation.refuse(error)).immediate_response

    assert status == immediate.status.code
    assert {
        "error": {
            "message": error.message,
            "type": "invalid_request_error",
            "param": error.param,
            "code": error.reason.value,
        }
    } == json.loads(immediate.body)


def test_a_wrong_method_is_answered_with_allow() -> None:
    """HTTP asks for that header on 405."""
    error = MethodNotAllowed("no", headers={"allow": "POST"})
    immediate = read(mutation.refuse(error)).immediate_response

    assert (405, "POST") == (immediate.status.code, written(immediate.headers)["allow"])


@pytest.mark.parametrize(
    ("wire", "kind"),
    [(mutation.CONTINUE_HEADERS, "request_headers"), (mutation.CONTINUE_BODY, "request_body")],
    ids=["headers", "body"],
)
def test_going_on_changes_nothing(wire: bytes, kind: str) -> None:
    """The message names what it answers and holds nothing else."""
    response = read(wire)

    assert kind == response.WhichOneof("response")
    assert not getattr(response, kind).HasField("response")
