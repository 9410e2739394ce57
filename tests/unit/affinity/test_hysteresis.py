"""When a conversation moves, and when it stays."""

import pytest
from affinity_builders import FIRST, LOOP, SAID, SECOND, read, spoken
from builders import config, decision

from extproc.affinity.hysteresis import hysteresis
from extproc.config import Affinity
from extproc.context import Context, Remembered
from extproc.decision import Decision, Reason

BELOW, ABOVE = Reason.SCORE_BELOW, Reason.SCORE_ABOVE
KEPT, LOOPING = Reason.AFFINITY_KEPT, Reason.AFFINITY_TOOL_LOOP
RAISED, LOWERED = Reason.AFFINITY_RAISED, Reason.AFFINITY_LOWERED
ADJUST = hysteresis(config(), Affinity(band=0.1, idle_seconds=300))


def adjusted(
    said: Decision,
    *messages: object,
    tier: str = "fast",
    idle: float = 10,
    tiers: frozenset[str] | None = None,
) -> tuple[str, Reason]:
    """Tier and reason of what the policy said, in a conversation that was on `tier`."""
    request = read(spoken(*(messages or SECOND)))
    held = Remembered(tier=tier, idle=idle)
    made = ADJUST(said, request, Context(remembered=held, tiers=tiers))
    return made.tier, made.reason


def test_nothing_is_changed_of_a_new_conversation() -> None:
    """The policy alone decides."""
    said = decision("reasoning", ABOVE, margin=0.01)

    assert said is ADJUST(said, read(spoken(*FIRST)), Context())


@pytest.mark.parametrize("tier", ["fast", "reasoning"])
def test_where_the_policy_agrees_its_reason_stands(tier: str) -> None:
    """Nothing was held back."""
    assert (tier, BELOW) == adjusted(decision(tier, BELOW, margin=-0.4), tier=tier)


@pytest.mark.parametrize(
    ("margin", "expected"),
    [(0.09, ("fast", KEPT)), (0.1, ("reasoning", RAISED)), (None, ("reasoning", RAISED))],
    ids=["unclear", "clear", "without a score"],
)
def test_up_it_goes_where_that_is_clear(margin: float | None, expected: tuple[str, Reason]) -> None:
    """At the upper of two thresholds; a rule is always clear."""
    assert expected == adjusted(decision("reasoning", ABOVE, margin=margin))


@pytest.mark.parametrize(
    ("margin", "idle", "expected"),
    [
        (-0.09, 300, ("reasoning", KEPT)),
        (-0.1, 299, ("reasoning", KEPT)),
        (-0.1, 300, ("fast", LOWERED)),
        (None, 300, ("fast", LOWERED)),
    ],
    ids=["unclear", "too early", "clear", "without a score"],
)
def test_down_it_goes_after_a_pause(
    margin: float | None, idle: float, expected: tuple[str, Reason]
) -> None:
    """At the lower of two thresholds."""
    said = decision("fast", BELOW, margin=margin)

    assert expected == adjusted(said, tier="reasoning", idle=idle)


@pytest.mark.parametrize("messages", [(*SECOND, SAID), ()], ids=["assistant", "none"])
def test_down_it_goes_with_a_word_of_the_user_only(messages: tuple[object, ...]) -> None:
    """Not where the client lets the model go on with what it said."""
    said = decision("fast", Reason.RULE)
    body = spoken(*messages) if messages else spoken({"role": "user", "content": []})
    held = Remembered(tier="reasoning", idle=1000)

    made = ADJUST(said, read(body), Context(remembered=held))

    assert ("reasoning", KEPT) == (made.tier, made.reason)


@pytest.mark.parametrize(("tier", "other"), [("fast", "reasoning"), ("reasoning", "fast")])
@pytest.mark.parametrize(
    "reason",
    [
        Reason.RULE,
        Reason.POLICY,
        Reason.FIXED,
        Reason.POLICY_FAILED,
        Reason.DEADLINE_EXCEEDED,
    ],
)
def test_in_a_tool_loop_nothing_moves(tier: str, other: str, reason: Reason) -> None:
    """However clear the policy is, however long the tools took, and where no policy answered."""
    assert (tier, LOOPING) == adjusted(decision(other, reason), *LOOP, tier=tier, idle=1000)


@pytest.mark.parametrize(
    "reason", [Reason.SIGNAL_FAILED, Reason.POLICY_FAILED, Reason.DEADLINE_EXCEEDED]
)
def test_a_fallback_moves_nothing(reason: Reason) -> None:
    """The tier that knows the conversation is better than the default one."""
    said = decision("fast", reason)

    assert ("reasoning", KEPT) == adjusted(said, tier="reasoning", idle=1000)


@pytest.mark.parametrize(
    "said",
    [
        decision("fast", Reason.REQUESTED_MODEL, pinned=True),
        decision("fast", Reason.CLIENT_PREFERENCE),
    ],
    ids=["model", "wish"],
)
def test_the_client_has_the_last_word(said: Decision) -> None:
    """Even in a tool loop."""
    assert ("fast", said.reason) == adjusted(said, *LOOP, tier="reasoning")


def test_the_operator_sends_everybody_to_one_tier() -> None:
    """With the policy `fixed`, pause or not, once the tools are done."""
    assert ("fast", Reason.FIXED) == adjusted(decision("fast", Reason.FIXED), tier="reasoning")


def test_a_conversation_whose_past_only_its_tier_knows_stays() -> None:
    """Another one would not find the response that it goes on with."""
    said = decision("reasoning", Reason.RULE)
    held = Remembered(tier="fast", idle=1000, bound=True)

    made = ADJUST(said, read(spoken(*SECOND)), Context(remembered=held))

    assert ("fast", KEPT) == (made.tier, made.reason)


def test_a_tier_that_is_gone_is_forgotten() -> None:
    """The config has changed since."""
    assert ("fast", BELOW) == adjusted(decision("fast", BELOW), tier="medium")


@pytest.mark.parametrize(
    ("tiers", "expected"),
    [({"fast"}, ("fast", BELOW)), ({"fast", "reasoning"}, ("reasoning", KEPT))],
    ids=["forbidden", "allowed"],
)
def test_a_tier_that_the_tenant_may_not_use_any_more_is_left(
    tiers: set[str], expected: tuple[str, Reason]
) -> None:
    """Rights go before warmth."""
    said = decision("fast", BELOW, margin=-0.5)

    assert expected == adjusted(said, tier="reasoning", tiers=frozenset(tiers))
