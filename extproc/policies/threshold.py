"""A weighted score in [0, 1] against a threshold.

    threshold:
      at: 0.5
      above: reasoning       # a tier or a policy; the score reached the threshold
      below: fast
      weights:
        prompt_tokens: {weight: 0.35, full_at: 1500}
        keywords.smalltalk: {weight: -0.2}

Each signal's share is `weight * min(value / full_at, 1)`; a signal without a value has none. The
score is the sum of the shares, bounded to [0, 1].
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import replace

from extproc.config.loading import convert
from extproc.decision import Reason, Verdict
from extproc.policies.base import Policy, Scope
from extproc.request import InferenceRequest


class Weight(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signal's part: all of `weight` from the value `full_at` on."""

    weight: Annotated[float, Meta(ge=-1, le=1)]
    full_at: Annotated[float, Meta(gt=0)] = 1.0


class Parameters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the config gives."""

    at: Annotated[float, Meta(ge=0, le=1)]
    above: Any
    below: Any
    weights: Annotated[dict[str, Weight], Meta(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Scores, then asks the target on that side of the threshold."""

    at: float
    above: Policy
    below: Policy
    weights: Mapping[str, Weight]

    def decide(self, request: InferenceRequest, signals: Mapping[str, float]) -> Verdict:
        """The target's verdict with this score, unless the target has a score of its own."""
        shares = self.shares(signals)
        score = min(max(sum(shares.values()), 0.0), 1.0)
        verdict = (self.above if score >= self.at else self.below).decide(request, signals)
        if verdict.score is not None:
            return verdict
        return replace(verdict, score=score, margin=score - self.at, shares=shares)

    def shares(self, signals: Mapping[str, float]) -> Mapping[str, float]:
        """Each signal's part of the score."""
        return {
            name: weight.weight * min(signals[name] / weight.full_at, 1.0)
            for name, weight in self.weights.items()
            if name in signals
        }


def build(parameters: object, scope: Scope) -> Policy:
    """The parameters as the module says; ConfigError names the bad key."""
    given = convert(parameters, Parameters, path=scope.path)
    for name in given.weights:
        scope.at(f".weights.{name}").signal(name)
    return Threshold(
        at=given.at,
        above=scope.at(".above").target(given.above, Reason.SCORE_ABOVE, "threshold"),
        below=scope.at(".below").target(given.below, Reason.SCORE_BELOW, "threshold"),
        weights=given.weights,
    )
