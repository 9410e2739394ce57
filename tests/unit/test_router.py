"""From a body to a decision."""

import json
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from builders import FAST_MODEL, REASONING_MODEL, chat, config, request, tiers
from hypothesis import example, given, settings, strategies as st
from msgspec.structs import replace

from extproc.config import Config
from extproc.context import Context
from extproc.decision import Decision, Reason
from extproc.errors import ConfigError, MalformedRequest, ModelNotFound
from extproc.request import Api, parse
from extproc.router import Router

KWARGS = {"enable_thinking": True, "budget": 7}
THINKING = config(tiers=tiers(chat_template_kwargs=KWARGS))
SCORED = {"at": 0.5, "above": "reasoning", "below": "fast", "weights": {"code": {"weight": 0.8}}}


def ticking(*seconds: float) -> Callable[[], float]:
    """A clock that says each of `seconds` in turn."""
    ticks: Iterator[float] = iter(seconds)
    return lambda: next(ticks)


def route(body: bytes, made: Config | None = None, prefer: str | None = None) -> Decision:
    """The decision on a chat."""
    return Router(made or config()).route(Api.CHAT, body, prefer=prefer)


def test_a_judgement_alone_is_nobodys_request() -> None:
    """Adjusters count what passes them, so only `decide` asks them."""
    asked: list[str] = []

    def adjust(decision: Decision, *_: object) -> Decision:
        """Note it."""
        asked.append(decision.tier)
        return decision

    router = Router(config(), adjusters=(adjust,))
    router.route(Api.CHAT, chat())
    alone = list(asked)
    router.decide(parse(Api.CHAT, chat()), chat(), Context())

    assert ([], ["reasoning"]) == (alone, asked)


def test_an_alias_lets_the_policy_decide() -> None:
    """The decision says what the policy said, what it saw and how much of the text."""
    decision = route(chat("```x```"), config(policy={"threshold": SCORED}))

    assert ("reasoning", Reason.SCORE_ABOVE, "auto") == (
        decision.tier,
        decision.reason,
        decision.model,
    )
    assert (0.8, {"code": 0.8}, "threshold") == (decision.score, decision.shares, decision.policy)
    assert 0.8 - 0.5 == decision.margin
    assert (1.0, 1.0) == (decision.coverage, decision.signals["code"])
    assert (False, None, None) == (decision.pinned, decision.body, decision.failure)


def test_a_policy_of_another_name_may_judge() -> None:
    """Where the context says so; the common one judges the rest."""
    made = Router(config(policies={"cautious": {"fixed": "fast"}}))
    body, asked = chat(), request()

    assert "reasoning" == made.decide(asked, body, Context()).tier
    assert "fast" == made.decide(asked, body, Context(policy="cautious")).tier
    assert Reason.POLICY_FAILED is made.decide(asked, body, Context(policy="gone")).reason


def test_a_bad_policy_is_named_by_its_place() -> None:
    """Whoever uses it."""
    with pytest.raises(ConfigError, match=r"^\$\.policies\.cautious\.fixed: no tier"):
        Router(config(policies={"cautious": {"fixed": "slow"}}))


def test_every_alias_is_as_good() -> None:
    """A deployment may have several public names."""
    made = config(models={"aliases": ["auto", "gpt-4o"]})

    assert Reason.FIXED is route(chat(model="gpt-4o"), made).reason


@pytest.mark.parametrize(
    ("model", "tier"), [(FAST_MODEL, "fast"), (REASONING_MODEL, "reasoning")], ids=["fast", "other"]
)
def test_a_tiers_own_model_pins_the_tier(model: str, tier: str) -> None:
    """Who names a model gets that model, whatever the policy and the wish, and no stand-in."""
    decision = route(chat(model=model), prefer="fast")

    assert (tier, Reason.REQUESTED_MODEL, True) == (
        decision.tier,
        decision.reason,
        decision.pinned,
    )


def test_an_unknown_model_is_not_found() -> None:
    """The error repeats a bounded piece of the client's word."""
    with pytest.raises(ModelNotFound) as caught:
        route(chat(model="m" * 200))

    assert f"The model `{'m' * 80}` does not exist." == caught.value.message
    assert "model" == caught.value.param


def test_the_clients_wish_goes_before_the_policy() -> None:
    """A wish chooses the tier, but others may still stand in."""
    decision = route(chat(), prefer="fast")

    assert ("fast", Reason.CLIENT_PREFERENCE, False) == (
        decision.tier,
        decision.reason,
        decision.pinned,
    )
    assert decision.coverage is None


def test_an_unknown_wish_is_refused_with_the_tiers() -> None:
    """A misspelt wish is told to the client rather than ignored."""
    with pytest.raises(MalformedRequest, match="there are: fast, reasoning") as caught:
        route(chat(), prefer="reasonning")

    assert "x-tiergate-prefer" == caught.value.param


@pytest.mark.parametrize(
    ("policy", "error"),
    [({"acme:Broken": {}}, RuntimeError), ({"acme:Always": {"tier": "none"}}, KeyError)],
    ids=["raises", "no-such-tier"],
)
def test_a_policy_that_fails_is_a_fallback(policy: object, error: type[Exception]) -> None:
    """The default tier answers, the reason says so, and the signals and the error are kept."""
    decision = route(chat(), config(policy=policy))

    assert ("fast", Reason.POLICY_FAILED) == (decision.tier, decision.reason)
    assert isinstance(decision.failure, error)
    assert (1.0, 1.0) == (decision.coverage, decision.signals["turns"])


def test_signals_that_fail_are_a_fallback() -> None:
    """A value that no checked config holds makes the extraction raise."""
    sound = config()
    broken = replace(sound, signals=replace(sound.signals, read_chars=cast("int", "many")))

    decision = route(chat(), broken)

    assert ("fast", Reason.SIGNAL_FAILED) == (decision.tier, decision.reason)
    assert isinstance(decision.failure, TypeError)
    assert (None, {}) == (decision.coverage, decision.signals)


@pytest.mark.parametrize(
    ("ended", "reason"),
    [(10.25, Reason.FIXED), (10.26, Reason.DEADLINE_EXCEEDED)],
    ids=["at-the-deadline", "after-it"],
)
def test_a_decision_that_comes_too_late_is_a_fallback(ended: float, reason: Reason) -> None:
    """By the router's own clock the deadline is 0.25 s; a late verdict is dropped, and said."""
    decision = Router(config(), clock=ticking(10.0, ended)).route(Api.CHAT, chat())

    assert reason is decision.reason
    assert ("reasoning" if reason is Reason.FIXED else "fast") == decision.tier


def test_what_the_client_settled_has_no_deadline() -> None:
    """A pinned tier is never exchanged for the default one."""
    router = Router(config(), clock=ticking(10.0, 99.0))

    assert "reasoning" == router.route(Api.CHAT, chat(model=REASONING_MODEL)).tier


def test_a_tier_without_the_aliases_gets_its_own_name() -> None:
    """The body names the tier's model, every other byte stays, and no other tier fits it."""
    made = config(tiers=tiers(serves_aliases=False))
    body = b'{ "model" : "auto", "messages":[{"role":"user","content":"\\u00e9"}] }'

    decision = route(body, made)

    assert body.replace(b'"auto"', f'"{REASONING_MODEL}"'.encode()) == decision.body
    assert (True, "auto") == (decision.pinned, decision.model)


def test_a_pinned_body_names_the_model_already() -> None:
    """Nothing is rewritten where the client wrote what the tier needs."""
    decision = route(chat(model=REASONING_MODEL), config(tiers=tiers(serves_aliases=False)))

    assert (True, None) == (decision.pinned, decision.body)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, KWARGS),
        ({"chat_template_kwargs": None}, KWARGS),
        ({"chat_template_kwargs": {}}, KWARGS),
        ({"chat_template_kwargs": {"x": [1], "budget": 1}}, {"x": [1], **KWARGS}),
    ],
    ids=["none", "null", "empty", "merged"],
)
def test_a_tiers_template_arguments_go_over_the_clients(
    given: dict[str, Any], expected: dict[str, Any]
) -> None:
    """The tier's own win; the client's others and all other fields stay."""
    body = chat(**given)
    decision = route(body, THINKING)

    assert {**json.loads(body), "chat_template_kwargs": expected} == json.loads(
        decision.body or b""
    )
    assert decision.pinned is False


@pytest.mark.parametrize(
    ("api", "field"),
    [(Api.RESPONSES, '"input":"hi"'), (Api.MESSAGES, '"messages":[{"role":"user"}]')],
)
def test_every_conversation_has_a_template(api: Api, field: str) -> None:
    """VLLM takes arguments for it wherever it answers by the model's template."""
    decision = Router(THINKING).route(api, f'{{"model":"auto",{field}}}'.encode())

    assert KWARGS == json.loads(decision.body or b"{}")["chat_template_kwargs"]


def test_a_completion_has_no_template() -> None:
    """The client's prompt is all that the model reads."""
    decision = Router(THINKING).route(Api.COMPLETIONS, b'{"model":"auto","prompt":"hi"}')

    assert decision.body is None


def test_both_edits_go_together() -> None:
    """A tier may need its own name and its template arguments."""
    made = config(tiers=tiers(serves_aliases=False, chat_template_kwargs=KWARGS))
    decision = route(chat("hi"), made)

    assert {
        **json.loads(chat("hi", model=REASONING_MODEL)),
        "chat_template_kwargs": KWARGS,
    } == json.loads(decision.body or b"")


def test_a_fallback_is_the_default_tiers() -> None:
    """Whoever cannot decide names the reason and gets the default tier."""
    decision = Router(config(default_tier="reasoning")).fallback(Reason.ROUTER_FAILED)

    assert ("reasoning", Reason.ROUTER_FAILED, "") == (
        decision.tier,
        decision.reason,
        decision.model,
    )


def test_a_wrong_policy_is_refused_at_the_start() -> None:
    """A router never starts with a policy that it could not ask."""
    with pytest.raises(ConfigError, match="no tier is called 'medium'"):
        Router(config(policy={"fixed": "medium"}))


def routed(body: bytes, made: Config) -> Decision | str:
    """The decision, or why there is none."""
    try:
        return route(body, made)
    except MalformedRequest as refused:
        return str(refused)


@settings(deadline=None, max_examples=60)
@example("", {"tools": 0})
@given(st.text(max_size=30), st.dictionaries(st.text(max_size=5), st.integers(), max_size=3))
def test_the_same_body_gives_the_same_decision(text: str, fields: dict[str, Any]) -> None:
    """A decision depends on nothing but the config and the body."""
    made = config(policy={"threshold": SCORED})
    body = json.dumps({**fields, **json.loads(chat(text))}).encode()

    assert routed(body, made) == routed(body, made)
