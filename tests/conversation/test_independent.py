"""The wire as a third implementation of it writes and reads: betterproto's, made for Envoy."""

import importlib
import json
import warnings
from types import ModuleType
from typing import Any

from builders import chat, config, tiers
from playbook import Playbook

from extproc._pb import ext_proc_pb2 as pb
from extproc.config import Config


def imported(name: str) -> ModuleType:
    """One of its packages, whose declarations their own library has grown out of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return importlib.import_module(name)


service = imported("envoy_data_plane.envoy.service.ext_proc.v3")
core = imported("envoy_data_plane.envoy.config.core.v3")
which_one_of = imported("betterproto2").which_one_of
NAMED = {":method": "POST", ":path": "/v1/chat/completions", ":authority": "a", "x-more": "1"}


def exchange(content: bytes, made: Config | None = None) -> list[Any]:
    """Headers and body through the other implementation, both ways."""
    pairs = [core.HeaderValue(key=key, raw_value=value.encode()) for key, value in NAMED.items()]
    sent = (
        service.ProcessingRequest(
            request_headers=service.HttpHeaders(headers=core.HeaderMap(headers=pairs))
        ),
        service.ProcessingRequest(request_body=service.HttpBody(body=content, end_of_stream=True)),
    )
    processor = Playbook(made).processor
    replies = (processor.handle(pb.ProcessingRequest.FromString(bytes(one))) for one in sent)
    return [service.ProcessingResponse.parse(reply or b"") for reply in replies]


def test_a_decision_is_understood() -> None:
    """Header, metadata and the new route."""
    first, second = exchange(chat())

    assert "request_headers" == which_one_of(first, "response")[0]
    name, reply = which_one_of(second, "response")
    assert "request_body" == name
    assert reply.response.clear_route_cache is True
    (option,) = reply.response.header_mutation.set_headers
    assert ("x-tiergate-tier", b"reasoning") == (option.header.key, option.header.raw_value)
    assert core.HeaderValueOptionHeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD == (
        option.append_action
    )


def test_a_changed_body_is_understood() -> None:
    """The body's mutation and its length agree."""
    (_, reply) = exchange(chat(), config(tiers=tiers(serves_aliases=False)))

    common = reply.request_body.response
    length = {
        option.header.key: option.header.raw_value for option in common.header_mutation.set_headers
    }["content-length"]
    assert str(len(common.body_mutation.body)).encode() == length


def test_a_refusal_is_understood() -> None:
    """Status, details and the JSON body."""
    (_, reply) = exchange(b"{")

    immediate = reply.immediate_response
    assert (400, "tiergate_malformed_request") == (immediate.status.code, immediate.details)
    assert "malformed_request" == json.loads(immediate.body)["error"]["code"]
