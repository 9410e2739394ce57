"""What a type checker makes of the interfaces that others write against; never executed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import assert_type

from msgspec import Raw, Struct

from extproc.decision import Decision, Reason, Verdict
from extproc.policies import Policy, Scope, build
from extproc.request import (
    Api,
    Conversation,
    Excerpt,
    InferenceRequest,
    Segment,
    parse,
)
from extproc.router import Router
from extproc.signals import Extraction, Signal
from extproc.state import Failure
from extproc.telemetry import Completed, Observer, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class AsDataclass:
    """A policy as an operator writes it."""

    tier: str = "fast"

    def decide(self, request: InferenceRequest, signals: Mapping[str, float]) -> Verdict:
        """Everything that a policy can look at, with its type."""
        assert_type(request.api, Api)
        assert_type(request.model, str)
        assert_type(request.max_output_tokens, int | None)
        assert_type(request.tools, int)
        assert_type(request.structured_output, bool)
        assert_type(request.effort, str | None)
        assert_type(request.template_kwargs, Mapping[str, Raw] | None)
        assert_type(request.fields, Mapping[str, Raw])
        _look_at(request.conversation)
        assert_type(signals.get("prompt_tokens"), float | None)
        return Verdict(tier=self.tier)


class AsStruct(Struct, frozen=True):
    """The same, as a msgspec struct."""

    tier: str

    def decide(self, request: InferenceRequest, signals: Mapping[str, float]) -> Verdict:
        """A verdict with all that it may say."""
        del request, signals
        verdict = Verdict(tier=self.tier, score=0.5, shares={"code": 0.5}, path="mine")
        assert_type(verdict.reason, Reason)
        assert_type(verdict.score, float | None)
        assert_type(verdict.shares, Mapping[str, float])
        return verdict


class AsSignal:
    """A family of facts."""

    names = ("shouting",)

    def __call__(self, request: InferenceRequest, excerpt: str) -> Mapping[str, float]:
        """One fact."""
        del request
        return {"shouting": float(excerpt.isupper())}


class AsObserver:
    """Somebody who is told."""

    def decided(self, outcome: Outcome) -> None:
        """Of a decision, if there was one."""
        assert_type(outcome.reason, Reason)
        assert_type(outcome.decision, Decision | None)

    def completed(self, record: Completed) -> None:
        """Of a request that has ended."""
        assert_type(record.status, int)
        assert_type(record.duration, float | None)

    def failed(self, error: Exception) -> None:
        """Of a bug."""

    def config_loaded(self, error: str | None) -> None:
        """Of a config."""

    def stored(self, *, seconds: float, failure: Failure | None) -> None:
        """Of Redis."""


def _look_at(conversation: Conversation) -> None:
    """All that is known of a conversation."""
    assert_type(conversation.segments, tuple[Segment, ...])
    role, text = conversation.segments[0]
    assert_type(role, str)
    assert_type(text, str)
    assert_type(conversation.user_turns, int)
    assert_type(conversation.in_tool_loop, bool)
    assert_type(conversation.size(), int)
    assert_type(conversation.excerpt(100), Excerpt)
    assert_type(conversation.excerpt(100).coverage, float)


def fit(router: Router, body: bytes, scope: Scope, extraction: Extraction) -> None:
    """Each of the classes above is what it says, and the ways to ask have these types."""
    policies: list[Policy] = [AsDataclass(), AsStruct(tier="fast")]
    signal: Signal = AsSignal()
    observer: Observer = AsObserver()
    assert_type(signal.names, Collection[str])
    assert_type(observer.failed(ValueError()), None)
    assert_type(policies[0].decide(parse(Api.CHAT, body), {}), Verdict)
    assert_type(build({"fixed": "fast"}, scope), Policy)
    assert_type(router.route(Api.CHAT, body, prefer=None), Decision)
    assert_type(router.fallback(Reason.ROUTER_FAILED).coverage, float | None)
    assert_type(extraction.values, Mapping[str, float])
