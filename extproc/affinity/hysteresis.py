"""Whether a conversation stays on its tier: the policy proposes, and only a clear word moves it.

    the policy says               the conversation
    the same tier                 goes on there, for the policy's reason
    another one, in a tool loop   stays: affinity_tool_loop
    a dearer one, clearly         goes up: affinity_raised
    a cheaper one, clearly, at    goes down: affinity_lowered
      a user's turn after a pause
    anything else                 stays: affinity_kept; so does a conversation whose past only
                                  its tier knows

A score is clear at least `band` away from the threshold that it was held against: two thresholds,
between which nothing moves. A rule has no score and is always clear; a fallback never is. What the
client asked for, and what budgets or the fleet decided, is left alone. The policy `fixed` is what
an operator moves everybody with: each conversation once its tools are done.
"""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from extproc.config import Affinity, Config
from extproc.context import Context, Remembered
from extproc.decision import Decision, Reason
from extproc.request import InferenceRequest
from extproc.router import Adjuster

_FALLBACKS: Final = frozenset(
    {Reason.SIGNAL_FAILED, Reason.POLICY_FAILED, Reason.DEADLINE_EXCEEDED}
)
_POLICIES: Final = frozenset(
    {Reason.RULE, Reason.SCORE_ABOVE, Reason.SCORE_BELOW, Reason.POLICY, *_FALLBACKS}
)
_IN_A_LOOP: Final = _POLICIES | {Reason.FIXED}
_MOVES: Final = frozenset({Reason.AFFINITY_RAISED, Reason.AFFINITY_LOWERED})


def hysteresis(config: Config, settings: Affinity) -> Adjuster:
    """What holds decisions to the tier that is remembered."""
    ranks = {tier.name: rank for rank, tier in enumerate(config.tiers)}

    def adjust(decision: Decision, request: InferenceRequest, context: Context) -> Decision:
        looping = request.conversation.in_tool_loop
        judged = decision.reason in (_IN_A_LOOP if looping else _POLICIES)
        held = _held(context, ranks) if judged else None
        if held is None or decision.tier == held.tier:
            return decision
        reason = _ruled(decision, request, held, ranks, settings)
        tier = decision.tier if reason in _MOVES else held.tier
        return replace(decision, reason=reason, tier=tier)

    return adjust


def _held(context: Context, ranks: Mapping[str, int]) -> Remembered | None:
    """What is remembered, where that tier still exists and the tenant may use it."""
    held = context.remembered
    if held is None or held.tier not in ranks:
        return None
    return held if context.allows(held.tier) else None


def _ruled(
    decision: Decision,
    request: InferenceRequest,
    held: Remembered,
    ranks: Mapping[str, int],
    settings: Affinity,
) -> Reason:
    conversation = request.conversation
    if conversation.in_tool_loop:
        return Reason.AFFINITY_TOOL_LOOP
    if held.bound or not _is_clear(decision, settings.band):
        return Reason.AFFINITY_KEPT
    if ranks[decision.tier] > ranks[held.tier]:
        return Reason.AFFINITY_RAISED
    asked = bool(conversation.segments) and conversation.segments[-1].role == "user"
    if asked and held.idle >= settings.idle_seconds:
        return Reason.AFFINITY_LOWERED
    return Reason.AFFINITY_KEPT


def _is_clear(decision: Decision, band: float) -> bool:
    if decision.reason in _FALLBACKS:
        return False
    return decision.margin is None or abs(decision.margin) >= band
