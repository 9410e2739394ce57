"""Whether a new policy may take the place of the one in force, on labelled prompts.

Policies differ in quality and in cost, so they are compared by value: the quality of a prompt's
answer, less `worth` where the reasoning tier gave it. By default `worth` is what that tier adds on
average, at which both tiers and every random choice between them are worth the same; where it adds
nothing, nothing.

    current        the policy in force
    single tier    the better one of always-fast and always-reasoning
    random         as many requests to the reasoning tier as the candidate sends, at random

The candidate is better where all three differences are above zero with their paired bootstrap
intervals, worse where one is below. As all three must agree, no correction is needed for looking at
three.
"""

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from extproc.config import Config
from extproc.errors import ConfigError
from extproc.request import Api
from extproc.router import Router
from extproc.signals.semantic.features import Array
from extproc.training.metrics import resamples
from extproc.training.own import Labels

_ENDS = (0.025, 0.975)


@final
@enum.unique
class Verdict(enum.StrEnum):
    """What the labels show of the candidate.

    Attributes:
        BETTER: better than all that it was compared with.
        NOT_SHOWN: neither that, nor worse than any.
        WORSE: worse than one of them at least.

    """

    BETTER = "better"
    NOT_SHOWN = "not shown to be better"
    WORSE = "worse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How much more the candidate is worth a prompt, with its 95 % interval."""

    against: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict, what it rests on, and each policy's share of the reasoning tier and quality."""

    verdict: Verdict
    differences: Sequence[Difference]
    policies: Mapping[str, tuple[float, float]]


def chosen(config: Config, labels: Labels) -> Array:
    """1 where the config's policy sends a prompt to the last tier, 0 for the first; ConfigError
    where it chooses a tier between them, which has no labels.
    """
    router = Router(config)
    ends = {config.tiers[0].name: 0.0, config.tiers[-1].name: 1.0}
    wish = f'"model":"{config.models.aliases[0]}"'.encode()
    found: list[float] = []
    for body in labels.bodies:
        decision = router.route(Api.CHAT, body.replace(b'"model":"auto"', wish, 1))
        if decision.failure is not None:
            raise ConfigError(f"the policy fails: {decision.failure!r}")
        if decision.tier not in ends:
            raise ConfigError(f"the labels know nothing of the tier {decision.tier!r}")
        found.append(ends[decision.tier])
    return np.array(found)


def judge(candidate: Array, current: Array, labels: Labels, worth: float | None) -> Judgement:
    """Compare two choices of prompts (n,), 1 for the reasoning tier."""
    names = ("current policy", "best single tier", "random choice")
    rows = _Rows(candidate=candidate, current=current, fast=labels.fast, gain=labels.gain)
    whole = rows.differences(np.ones_like(candidate), worth)
    drawn = np.array([rows.differences(weights, worth) for weights in resamples(len(candidate))])
    low, high = np.quantile(drawn, _ENDS, axis=0)
    return Judgement(
        verdict=_verdict(low, high),
        differences=[
            Difference(
                against=name, mean=float(whole[at]), low=float(low[at]), high=float(high[at])
            )
            for at, name in enumerate(names)
        ],
        policies={
            name: (float(sent.mean()), float((labels.fast + sent * labels.gain).mean()))
            for name, sent in {
                "candidate": candidate,
                "current": current,
                "always fast": np.zeros_like(candidate),
                "always reasoning": np.ones_like(candidate),
            }.items()
        },
    )


def lines(found: Judgement) -> Iterator[str]:
    """Markdown."""
    yield "| policy | to reasoning | quality |"
    yield "|---|---|---|"
    for name, (share, quality) in found.policies.items():
        yield f"| {name} | {share:.1%} | {quality:.3f} |"
    yield ""
    yield "| candidate against | value [95 %] |"
    yield "|---|---|"
    for one in found.differences:
        yield f"| {one.against} | {one.mean:+.4f} [{one.low:+.4f}, {one.high:+.4f}] |"
    yield ""
    yield found.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    candidate: Array
    current: Array
    fast: Array
    gain: Array

    def differences(self, weights: Array, worth: float | None) -> tuple[float, float, float]:
        """The candidate's value less that of each; each row counts so many times."""
        parts = weights / weights.sum()
        gap = float(parts @ self.gain)
        price = max(gap, 0.0) if worth is None else worth
        value = self._value(parts, self.candidate, price)
        share = float(parts @ self.candidate)
        single = max(0.0, gap - price)
        return (
            value - self._value(parts, self.current, price),
            value - single,
            value - share * (gap - price),
        )

    def _value(self, parts: Array, sent: Array, price: float) -> float:
        """Above always-fast's, whose quality every policy has to begin with."""
        return float(parts @ (sent * (self.gain - price)))


def _verdict(low: Array, high: Array) -> Verdict:
    if (high < 0).any():
        return Verdict.WORSE
    return Verdict.BETTER if (low > 0).all() else Verdict.NOT_SHOWN
