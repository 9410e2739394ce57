"""Builders of test values, each with sensible defaults and no magic."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from extproc._pb import ext_proc_pb2 as pb
from extproc.app import routing
from extproc.config import Config
from extproc.decision import Decision, Reason
from extproc.policies import Scope, build
from extproc.request import Api, InferenceRequest, parse
from extproc.routing import Routing
from extproc.state import Failure
from extproc.telemetry import Completed, Outcome

FAST_MODEL = "small/model-1b"
REASONING_MODEL = "large/model-3b"


def document(**sections: object) -> dict[str, Any]:
    """A config document of two tiers as plain values, with `sections` put in."""
    return {
        "tiers": [
            {"name": "fast", "model": FAST_MODEL, "endpoints": ["127.0.0.1:8001"]},
            {"name": "reasoning", "model": REASONING_MODEL, "endpoints": ["127.0.0.1:8002"]},
        ],
        "default_tier": "fast",
        "policy": {"fixed": "reasoning"},
        **sections,
    }


def config(**sections: object) -> Config:
    """The same as a checked Config."""
    return msgspec.convert(document(**sections), Config)


def tiers(**fields: object) -> list[dict[str, Any]]:
    """The two tiers of `document`, the reasoning one with `fields` put in."""
    fast, reasoning = document()["tiers"]
    return [fast, {**reasoning, **fields}]


def scope(*signals: str) -> Scope:
    """A place in the config where the two tiers and `signals` may be named."""
    return Scope(tiers=("fast", "reasoning"), signals=signals, nest=build)


def chat(text: str = "hello", *, model: str = "auto", **fields: object) -> bytes:
    """The body of a chat completion with one user message."""
    messages = [{"role": "user", "content": text}]
    return json.dumps({"model": model, "messages": messages, **fields}).encode()


def request(text: str = "hello", **fields: Any) -> InferenceRequest:  # noqa: ANN401
    """A chat completion as routing sees it."""
    return parse(Api.CHAT, chat(text, **fields))


def decision(tier: str = "fast", reason: Reason = Reason.FIXED, **fields: Any) -> Decision:  # noqa: ANN401
    """A decision for the alias."""
    return Decision(tier=tier, reason=reason, model="auto", **fields)


def outcome(reason: Reason = Reason.FIXED, *, decision: Decision | None = None) -> Outcome:
    """What the router did with one request, in a millisecond."""
    return Outcome(reason=reason, seconds=0.001, request_id="r-1", decision=decision)


def record(**fields: Any) -> Completed:  # noqa: ANN401 - the fields' own types differ
    """What Envoy says of a chat that the fast tier answered."""
    said: dict[str, Any] = {
        "request_id": "r-1",
        "path": "/v1/chat/completions",
        "status": 200,
        "details": "via_upstream",
        "reason": "fixed",
        "tier": "fast",
        "served_by": "fast",
        "score": "",
        "policy": "fixed",
        "attempts": 1,
        "first_byte": 0.01,
        "duration": 0.02,
    }
    return Completed(**{**said, **fields})


def routed(**sections: object) -> Routing:
    """What the document with `sections` makes of requests."""
    return routing(config(**sections))


def headers(
    path: str = "/v1/chat/completions",
    *,
    method: str = "POST",
    end_of_stream: bool = False,
    more: Mapping[str, str] | None = None,
) -> pb.ProcessingRequest:
    """Envoy's word of a request's headers."""
    named = {":method": method, ":path": path, "x-request-id": "r-1", **(more or {})}
    pairs = (pb.HeaderValue(key=key, raw_value=value.encode()) for key, value in named.items())
    received = pb.HttpHeaders(headers=pb.HeaderMap(headers=pairs), end_of_stream=end_of_stream)
    return pb.ProcessingRequest(request_headers=received)


def body(content: bytes, *, end_of_stream: bool = True) -> pb.ProcessingRequest:
    """Envoy's word of a request's body, or of a piece of it."""
    return pb.ProcessingRequest(request_body=pb.HttpBody(body=content, end_of_stream=end_of_stream))


class RecordingObserver:
    """Keeps what it is told, in order."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.records: list[Completed] = []
        self.errors: list[Exception] = []
        self.loads: list[str | None] = []
        self.trips: list[str] = []

    def decided(self, outcome: Outcome) -> None:
        """Keep it."""
        self.outcomes.append(outcome)

    def completed(self, record: Completed) -> None:
        """Keep it."""
        self.records.append(record)

    def failed(self, error: Exception) -> None:
        """Keep it."""
        self.errors.append(error)

    def config_loaded(self, error: str | None) -> None:
        """Keep it."""
        self.loads.append(error)

    def stored(self, *, seconds: float, failure: Failure | None) -> None:
        """Keep the kind of failure, or `ok`."""
        del seconds
        self.trips.append("ok" if failure is None else failure.kind)
