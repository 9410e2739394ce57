"""How good a ranking is, and how true a probability.

A ranking sends the prompts with the highest scores to the strong model. With `gain` the strong
model's score less the weak one's, sending a set of prompts recovers sum(gain of the set) /
sum(gain of all) of the gap: PGR. Over the share of prompts that are sent it is a curve.

    APGR      the area under it (Ong et al. 2024, RouteLLM); 0.5 for random, 1 is no upper bound
    CPT(x)    the least share at which PGR reaches x, in per cent
    binned    RouteLLM's own way: the curve at 11 deciles of the score, trapezoids between
    exact     ours: the curve at every prompt; prompts of one score are sent in proportion
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
BINS: Final = 10
RESAMPLES: Final = 1_000
CHANCE: Final = 0.5
"""What a random ranking comes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """PGR over the share of prompts sent, both from 0 to 1."""

    share: Array
    recovered: Array

    @property
    def apgr(self) -> float:
        """The area under the curve."""
        return float(np.trapezoid(self.recovered, self.share))

    def cpt(self, target: float) -> float:
        """The least share in per cent at which `target` is recovered."""
        reached = int(np.argmax(self.recovered >= target))
        if not reached:
            return 0.0
        (x0, x1), (y0, y1) = (
            values[reached - 1 : reached + 1] for values in (self.share, self.recovered)
        )
        return float(100.0 * (x0 + (x1 - x0) * (target - y0) / (y1 - y0)))


def exact(scores: Array, gain: Array, weights: Array | None = None) -> Curve:
    """The curve at every score; `weights` count each prompt so many times."""
    weights = np.ones_like(gain) if weights is None else weights
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    sent = np.cumsum(weights[order])[last]
    recovered = np.cumsum((gain * weights)[order])[last]
    gap = recovered[-1] or np.nan  # a resample may hold no gain at all
    return Curve(share=np.append(0.0, sent / sent[-1]), recovered=np.append(0.0, recovered / gap))


def binned(scores: Array, gain: Array) -> float:
    """RouteLLM's APGR: a prompt is sent where its score reaches the threshold."""
    thresholds = np.unique(np.quantile(scores, np.linspace(0, 1, BINS + 1)))
    sent = scores[:, None] >= thresholds
    share, recovered = sent.mean(axis=0), (sent * gain[:, None]).sum(axis=0) / gain.sum()
    return float(-np.trapezoid(recovered, share))


def interval(scores: Array, gain: Array, seed: int = 0) -> tuple[float, float]:
    """The 95 % bootstrap interval of the exact APGR, over prompts."""
    order = np.argsort(-scores, kind="stable")
    scores, gain = scores[order], gain[order]  # in order already, each resample sorts nothing
    areas = [exact(scores, gain, weights[order]).apgr for weights in resamples(len(gain), seed)]
    low, high = np.nanquantile(areas, (0.025, 0.975))
    return float(low), float(high)


def resamples(many: int, seed: int = 0) -> Iterator[Array]:
    """How often each of so many rows stands in each of `RESAMPLES` bootstrap samples."""
    generator = np.random.default_rng(seed)
    for _ in range(RESAMPLES):
        drawn = generator.integers(many, size=many)
        yield np.bincount(drawn, minlength=many).astype(np.float64)


def chance(gain: Array, seed: int = 0) -> tuple[float, float]:
    """The range that holds 95 % of the exact APGRs of random rankings of these prompts."""
    generator = np.random.default_rng(seed)
    many = len(gain)
    areas = [exact(generator.random(many), gain).apgr for _ in range(RESAMPLES)]
    low, high = np.quantile(areas, (0.025, 0.975))
    return float(low), float(high)


def calibration_error(probabilities: Array, outcomes: Array, bins: int = BINS) -> float:
    """Expected calibration error over bins of equal size (Naeini et al. 2015, Nguyen 2015)."""
    order = np.argsort(probabilities, kind="stable")
    gaps = (probabilities - outcomes)[order]
    return float(sum(abs(part.sum()) for part in np.array_split(gaps, bins)) / len(gaps))
