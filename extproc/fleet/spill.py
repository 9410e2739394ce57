"""What the tiers' live load changes of a decision: an adjuster.

    no replica is there   another tier answers, whoever asks, unless the tier was named
    saturated, or late    another tier answers those whose score was near, or who may wait
    all are saturated     some are refused: `shedding`

A conversation in a tool loop moves only where its tier is not there at all.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from extproc.config.fleet import Fleet
from extproc.context import Context
from extproc.decision import Decision, Reason
from extproc.fleet.shedding import Shedding
from extproc.fleet.tier import TierLoad
from extproc.request import InferenceRequest
from extproc.signals.length import Length

_SETTLED: Final = frozenset({Reason.CLIENT_PREFERENCE, Reason.SPILLOVER_UNREADY})
"""Whoever wishes for a tier gets it while it is there."""
_length: Final = Length()


class Spill:
    """`loads` are those of all tiers, in order of cost."""

    def __init__(self, config: Fleet, loads: Mapping[str, TierLoad], shedding: Shedding) -> None:
        self._config = config
        self._loads = loads
        self._order = list(loads)
        self._shedding = shedding

    def __call__(self, decision: Decision, request: InferenceRequest, context: Context) -> Decision:
        """The decision, or one for another tier; Shed or Overloaded where it must not go on."""
        others = [] if decision.pinned else self._others(decision.tier, context)
        usable = [tier for tier in (decision.tier, *others) if context.allows(tier)]
        decision = self._present(decision, others)
        if self._may_move(decision, request, context):
            decision = self._relieved(decision, others, prompt_tokens(request))
        self._shedding.admit(
            self._config,
            context,
            load=self._pressure(usable),
            wait=self._wait(decision.tier),
        )
        return decision

    def _others(self, tier: str, context: Context) -> Sequence[str]:
        """The tiers that may stand in: the cheaper ones first, and of those the dearest."""
        at = self._order.index(tier)
        cheaper = self._order[:at][::-1]
        dearer = [] if context.frugal else self._order[at + 1 :]
        return [one for one in (*cheaper, *dearer) if context.allows(one)]

    def _present(self, decision: Decision, others: Sequence[str]) -> Decision:
        if self._loads[decision.tier].there:
            return decision
        return _moved(
            decision, others, lambda tier: bool(self._loads[tier].there), Reason.SPILLOVER_UNREADY
        )

    def _may_move(self, decision: Decision, request: InferenceRequest, context: Context) -> bool:
        if decision.pinned or request.conversation.in_tool_loop or decision.reason in _SETTLED:
            return False
        spill = self._config.spill
        near = decision.margin is not None and abs(decision.margin) <= spill.margin
        return near or context.priority <= spill.priority

    def _relieved(self, decision: Decision, others: Sequence[str], tokens: float) -> Decision:
        if not self._has_room(decision.tier):
            return _moved(decision, others, self._has_room, Reason.SPILLOVER_SATURATED)
        if not self._in_time(decision.tier, tokens):
            return _moved(
                decision,
                others,
                lambda tier: self._has_room(tier) and self._in_time(tier, tokens),
                Reason.SPILLOVER_SLO,
            )
        return decision

    def _pressure(self, tiers: Sequence[str]) -> float:
        """The saturation of the least saturated one; 0 where it is not known of all of them: not to
        know is no reason to refuse.
        """
        there = [tier for tier in tiers if self._loads[tier].there]
        if not there or not all(self._loads[tier].known for tier in there):
            return 0.0
        return min(map(self._saturation, there))

    def _saturation(self, tier: str) -> float:
        return self._loads[tier].saturation(self._config.limits_of(tier))

    def _has_room(self, tier: str) -> bool:
        return self._saturation(tier) < self._config.spill.at

    def _in_time(self, tier: str, tokens: float) -> bool:
        """Whether the first token is expected within the tier's target; what is not known is."""
        target = self._config.limits_of(tier).ttft_seconds
        expected = self._loads[tier].first_token(tokens)
        return target is None or expected is None or expected <= target

    def _wait(self, tier: str) -> float:
        """Seconds until what waits at a tier has begun."""
        load = self._loads[tier]
        return load.backlog() / (load.rates.starts or 1.0)


def _moved(
    decision: Decision, others: Sequence[str], fits: Callable[[str], bool], reason: Reason
) -> Decision:
    """The decision for the first of the others that fits; as it was where none does."""
    other = next(filter(fits, others), None)
    return decision if other is None else replace(decision, tier=other, reason=reason)


def prompt_tokens(request: InferenceRequest) -> float:
    """As the signal of that name."""
    return _length(request, "")["prompt_tokens"]
