"""What the tiers' load changes of a decision."""

from typing import Any

import builders
import pytest
from builders import decision
from fleet_builders import Tiers

from extproc.config.fleet import Fleet, Limits, Shed as ShedAt, Spill as Moves
from extproc.context import Context
from extproc.decision import Decision, Reason
from extproc.errors import Overloaded, Shed
from extproc.fleet.shedding import Shedding
from extproc.fleet.spill import Spill, prompt_tokens
from extproc.request import Api, InferenceRequest, parse

FLEET = Fleet(limits=Limits(queue=4, kv=1.0), spill=Moves(margin=0.1), shed=ShedAt(all_at=3.0))
NEAR = decision("reasoning", Reason.SCORE_ABOVE, score=0.55, margin=0.05)
CLEAR = decision("reasoning", Reason.SCORE_ABOVE, score=0.9, margin=0.4)
RULED = decision("reasoning", Reason.RULE)
LOW = Context(priority=-1)


def adjusted(
    tiers: Tiers,
    asked: Decision,
    context: Context | None = None,
    *,
    fleet: Fleet = FLEET,
    request: InferenceRequest | None = None,
) -> tuple[str, Reason]:
    """Where a request goes, and why."""
    spill = Spill(fleet, tiers.loads, Shedding(tiers.clock))
    made = spill(asked, request or builders.request(), context or Context())
    return made.tier, made.reason


def full(*names: str, waiting: float = 4) -> Tiers:
    """Tiers of which these have a queue at its limit."""
    tiers = Tiers()
    for name in names:
        tiers.say(name, waiting=waiting)
    return tiers


def in_tool_loop() -> InferenceRequest:
    """A conversation whose last word is a tool's."""
    messages = [{"role": "user", "content": "x"}, {"role": "tool", "content": "y"}]
    return builders.request(messages=messages)


def test_tiers_with_room_change_nothing() -> None:
    """The decision is what it was, but for one that is counted as sent."""
    assert ("reasoning", Reason.SCORE_ABOVE) == adjusted(Tiers(), NEAR)


@pytest.mark.parametrize(
    ("asked", "context", "moves"),
    [
        (NEAR, Context(), True),
        (CLEAR, Context(), False),
        (CLEAR, LOW, True),
        (RULED, Context(), False),
        (RULED, LOW, True),
        (decision("reasoning", Reason.SCORE_ABOVE, margin=0.1), Context(), True),
    ],
    ids=["near", "clear", "clear-low", "rule", "rule-low", "at-the-margin"],
)
def test_what_may_move_leaves_a_full_tier(asked: Decision, context: Context, moves: bool) -> None:
    """A score near the threshold, or a low priority."""
    tier = ("fast", Reason.SPILLOVER_SATURATED) if moves else ("reasoning", asked.reason)

    assert tier == adjusted(full("reasoning"), asked, context)


def test_a_full_fast_tier_spills_upwards() -> None:
    """The other way round; a tenant whose budget is nearly spent is not sent to a dearer tier."""
    asked = decision("fast", Reason.SCORE_BELOW, margin=-0.05)

    assert ("reasoning", Reason.SPILLOVER_SATURATED) == adjusted(full("fast"), asked)
    assert ("fast", Reason.SCORE_BELOW) == adjusted(full("fast"), asked, Context(frugal=True))


@pytest.mark.parametrize(
    ("asked", "request_"),
    [
        (decision("reasoning", Reason.REQUESTED_MODEL, pinned=True, margin=0.0), None),
        (decision("reasoning", Reason.CLIENT_PREFERENCE, margin=0.0), None),
        (NEAR, in_tool_loop()),
    ],
    ids=["pinned", "preferred", "tool-loop"],
)
def test_what_was_settled_stays(asked: Decision, request_: InferenceRequest | None) -> None:
    """However low its priority."""
    moved = adjusted(full("reasoning"), asked, Context(), request=request_)

    assert ("reasoning", asked.reason) == moved


def test_a_tenant_goes_to_its_own_tiers_only() -> None:
    """Where no other is allowed, the full one answers."""
    allowed = Context(tiers=frozenset({"reasoning"}))

    assert ("reasoning", Reason.SCORE_ABOVE) == adjusted(full("reasoning"), NEAR, allowed)


def test_a_tenant_is_refused_by_the_load_of_its_own_tiers() -> None:
    """Not for room where it may not go."""
    allowed = Context(tiers=frozenset({"fast"}), priority=-1)

    assert ("fast", Reason.SPILLOVER_SATURATED) == adjusted(full("reasoning"), RULED, allowed)
    with pytest.raises(Shed):
        adjusted(full("fast"), RULED, allowed)


@pytest.mark.parametrize(
    ("asked", "request_"),
    [
        (CLEAR, None),
        (decision("reasoning", Reason.CLIENT_PREFERENCE), None),
        (NEAR, in_tool_loop()),
    ],
    ids=["clear", "preferred", "tool-loop"],
)
def test_a_tier_without_replicas_is_left(
    asked: Decision, request_: InferenceRequest | None
) -> None:
    """Whoever asks: nobody would answer there."""
    tiers = Tiers()
    tiers.loads["reasoning"].missed("reasoning", gone=True)

    assert ("fast", Reason.SPILLOVER_UNREADY) == adjusted(tiers, asked, request=request_)


def test_a_request_that_found_no_replica_is_not_moved_again() -> None:
    """Also where its new tier is full."""
    tiers = full("fast")
    tiers.loads["reasoning"].missed("reasoning", gone=True)

    assert ("fast", Reason.SPILLOVER_UNREADY) == adjusted(tiers, NEAR)


def test_a_pinned_tier_without_replicas_stays() -> None:
    """Its name is served nowhere else; nobody is refused for what Envoy will find out."""
    tiers = Tiers()
    for name, load in tiers.loads.items():
        load.missed(name, gone=True)
    pinned = decision("reasoning", Reason.REQUESTED_MODEL, pinned=True)

    assert ("reasoning", Reason.REQUESTED_MODEL) == adjusted(tiers, pinned)
    assert ("reasoning", Reason.SCORE_ABOVE) == adjusted(tiers, CLEAR)


def test_a_stale_tier_is_left_as_a_full_one() -> None:
    """And with all tiers stale nothing moves and nobody is refused."""
    tiers = Tiers()
    tiers.clock.now += 6
    stale = adjusted(tiers, NEAR, LOW)
    tiers.say("fast")

    assert ("reasoning", Reason.SCORE_ABOVE) == stale
    assert ("fast", Reason.SPILLOVER_SATURATED) == adjusted(tiers, NEAR, LOW)


def test_with_all_tiers_full_the_least_urgent_are_refused() -> None:
    """The others wait where the policy sent them."""
    tiers = full("fast", "reasoning")

    assert ("reasoning", Reason.SCORE_ABOVE) == adjusted(tiers, NEAR)
    with pytest.raises(Shed) as raised:
        adjusted(tiers, NEAR, LOW)
    assert {"retry-after": "4"} == raised.value.headers


def test_far_beyond_the_limits_all_are_refused() -> None:
    """Pinned ones by their own tier alone."""
    pinned = decision("reasoning", Reason.REQUESTED_MODEL, pinned=True)
    with pytest.raises(Overloaded):
        adjusted(full("fast", "reasoning", waiting=12), NEAR)
    with pytest.raises(Overloaded):
        adjusted(full("reasoning", waiting=12), pinned)


def late(*names: str) -> Tiers:
    """Tiers of which these take 10 s for a prompt of one token, and the others a hundredth."""
    tiers = Tiers()
    for name in tiers.loads:
        tiers.learn(name, prefill=0.1 if name in names else 100.0)
    return tiers


def timely(**fields: Any) -> Fleet:  # noqa: ANN401 - a Limits' own fields
    """A fleet whose tiers have two seconds."""
    return Fleet(limits=Limits(ttft_seconds=2.0, **fields), spill=FLEET.spill)


def test_a_late_tier_is_left_for_one_in_time() -> None:
    """By those that may move."""
    assert ("fast", Reason.SPILLOVER_SLO) == adjusted(late("reasoning"), NEAR, fleet=timely())
    assert ("reasoning", Reason.SCORE_ABOVE) == adjusted(late("reasoning"), CLEAR, fleet=timely())


def test_where_no_tier_is_in_time_the_policy_stays() -> None:
    """A later answer of the right tier is better than a late one of another."""
    tiers = late("fast", "reasoning")

    assert ("reasoning", Reason.SCORE_ABOVE) == adjusted(tiers, NEAR, fleet=timely())


def test_a_tier_of_which_nothing_is_known_is_in_time() -> None:
    """It must be used for its pace to be learnt."""
    assert ("reasoning", Reason.SCORE_ABOVE) == adjusted(Tiers(), NEAR, fleet=timely())


def test_prompts_are_measured_as_by_the_signal() -> None:
    """Four bytes are a token, and tokens are themselves."""
    body = b'{"model": "auto", "prompt": [1, 2, 3]}'

    assert 3.0 == prompt_tokens(parse(Api.COMPLETIONS, body))
    assert 2.0 == prompt_tokens(builders.request("12345678"))
