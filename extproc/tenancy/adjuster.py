"""The last word on a decision: a tenant is answered by its own tiers alone."""

from collections.abc import Sequence

from msgspec.structs import replace

from extproc.context import Context
from extproc.decision import Decision, Reason
from extproc.request import InferenceRequest
from extproc.router import Adjuster


def confine(tiers: Sequence[str]) -> Adjuster:
    """An adjuster over `tiers`, which stand in order of cost.

    A tier that the tenant may not use gives way to the dearest of its own below that one, or else
    to its cheapest; with the budget nearly spent, the cheapest of its own answers, but for a
    conversation in a tool loop, which stays until the tools are done. Where not every tier is the
    tenant's, none may stand in for another.
    """

    def adjust(decision: Decision, request: InferenceRequest, context: Context) -> Decision:
        if decision.pinned or (context.tiers is None and not context.frugal):
            return decision
        own = [tier for tier in tiers if context.allows(tier)]
        if context.frugal and decision.tier != own[0]:
            looping = request.conversation.in_tool_loop and context.stays_on(decision.tier)
            if looping and decision.tier in own:
                decision = replace(decision, reason=Reason.AFFINITY_TOOL_LOOP)
            else:
                decision = replace(decision, tier=own[0], reason=Reason.BUDGET_SOFT)
        if decision.tier not in own:
            below = [tier for tier in own if tiers.index(tier) < tiers.index(decision.tier)]
            tier = below[-1] if below else own[0]
            decision = replace(decision, tier=tier, reason=Reason.TIER_RESTRICTED)
        return decision if len(own) == len(tiers) else replace(decision, pinned=True)

    return adjust
