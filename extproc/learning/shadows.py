"""Policies that decide on live traffic without effect.

They run after the answer has been given. One that raises or is slow several times in a row is
switched off until the config is read again: it would hold up the requests that come next.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter

from extproc.decision import Decision
from extproc.policies import Policy
from extproc.request import InferenceRequest

FAILED: Final = "failed"
BUDGET: Final = 0.005
"""Seconds of one shadow's decision; by the wall clock, since one that waits holds up others too."""
STRIKES: Final = 3


class ShadowMetrics:
    """What shadows would have done; the labels are names of the config, so they are bounded."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("policy", "tier", "shadow")
        self.decisions = Counter(
            "tiergate_shadow_decisions",
            "Requests by the tier that the policy chose and the one that a shadow would have.",
            labels,
            registry=registry,
        )
        self.tokens = Counter(
            "tiergate_shadow_prompt_tokens",
            "Their estimated prompt tokens: times the difference of two tiers' prices, the cost.",
            labels,
            registry=registry,
        )
        self.failures = Counter(
            "tiergate_shadow_failures",
            "Decisions that a shadow did not make: error, slow, or off after several of these.",
            ("policy", "cause"),
            registry=registry,
        )


@dataclass(slots=True)
class _Shadow:
    policy: Policy
    strikes: int = 0


class Shadows:
    """The shadows of one config, by their names."""

    def __init__(
        self,
        policies: Mapping[str, Policy],
        tiers: frozenset[str],
        metrics: ShadowMetrics,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._shadows = {name: _Shadow(policy) for name, policy in policies.items()}
        self._tiers = tiers
        self._metrics = metrics
        self._clock = clock

    def judge(self, request: InferenceRequest, decision: Decision) -> Mapping[str, str]:
        """Which tier each would have chosen, `failed` where it did not say in time."""
        return {
            name: self._one(name, shadow, request, decision)
            for name, shadow in self._shadows.items()
        }

    def _one(
        self, name: str, shadow: _Shadow, request: InferenceRequest, decision: Decision
    ) -> str:
        if shadow.strikes >= STRIKES:
            return self._fail(name, "off")
        started = self._clock()
        try:
            tier = shadow.policy.decide(request, decision.signals).tier
        except Exception:  # noqa: BLE001 - a candidate may do anything, and has no effect
            tier = ""
        if tier not in self._tiers:
            shadow.strikes += 1
            return self._fail(name, "error")
        if self._clock() - started > BUDGET:
            shadow.strikes += 1
            return self._fail(name, "slow")
        shadow.strikes = 0
        labels = (name, decision.tier, tier)
        self._metrics.decisions.labels(*labels).inc()
        self._metrics.tokens.labels(*labels).inc(decision.signals.get("prompt_tokens", 0))
        return tier

    def _fail(self, name: str, cause: str) -> str:
        self._metrics.failures.labels(name, cause).inc()
        return FAILED
