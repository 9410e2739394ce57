"""The effect of an experiment's candidate, by a test that may be looked at at any time.

A confidence sequence holds the truth at all times at once with probability 1 - alpha, so whoever
looks every hour and stops when it pleases is wrong no more often than alpha. This is the
predictable plug-in empirical Bernstein sequence of Waudby-Smith & Ramdas, "Estimating means of
bounded random variables by betting" (JRSS B 86, 2024, theorem 2), which assumes no distribution and
no large sample: with X in [0, 1] and log the natural one,

    sum(l X) / sum(l)  +-  (log(2 / alpha) + sum(4 (X - m)^2 psi(l))) / sum(l)
    psi(l) = (-log(1 - l) - l) / 4,  l = min(sqrt(2 log(2 / alpha) / (s^2 t log(1 + t))), 1/2)

where m and s^2 at t are the mean and the variance of what came before t, begun with 1/2 and 1/4.

X is the inverse probability weighted outcome (Y - m') (A / p - (1 - A) / (1 - p)), brought to
[0, 1]: A says whether the session got the candidate, p how likely that was, m' is the mean of what
came before, which takes nothing but noise away. Its mean is the average effect of being assigned.
"""

from dataclasses import dataclass

import numpy as np

from extproc.signals.semantic.features import Array

ALPHA = 0.05
_MOST = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """After each of n sessions: the estimate of the effect and the confidence sequence, (n,)."""

    estimate: Array
    low: Array
    high: Array


def effect(outcomes: Array, candidate: Array, shares: Array, alpha: float = ALPHA) -> Sequence:
    """The candidate's outcome less the control's, for sessions in the order in which they came.

    `outcomes` are in [0, 1], `candidate` 1 or 0, `shares` how likely 1 was, all (n,).
    """
    many = np.arange(1, len(outcomes) + 1, dtype=np.float64)
    before = _before(np.cumsum(outcomes) + 0.5, many, 0.5)
    weighed = (outcomes - before) * (candidate / shares - (1 - candidate) / (1 - shares))
    reach = 1 / min(shares.min(), 1 - shares.max())
    low, high = _mean((weighed / reach + 1) / 2, alpha)
    low, high = ((2 * end - 1) * reach for end in (low, high))
    return Sequence(
        estimate=np.cumsum(weighed) / many,
        low=np.maximum.accumulate(low),
        high=np.minimum.accumulate(high),
    )


def _mean(values: Array, alpha: float) -> tuple[Array, Array]:
    """The sequence for the mean of values in [0, 1]."""
    times = np.arange(1, len(values) + 1, dtype=np.float64)
    sums = np.cumsum(values) + 0.5
    means = sums / (times + 1)
    spreads = np.cumsum((values - means) ** 2) + 0.25
    variance = _before(spreads, times, 0.25)
    bets = np.sqrt(2 * np.log(2 / alpha) / (variance * times * np.log(1 + times))).clip(0, _MOST)
    errors = 4 * (values - _before(sums, times, 0.5)) ** 2
    penalties = np.cumsum(errors * (-np.log(1 - bets) - bets) / 4)
    total = np.cumsum(bets)
    centre = np.cumsum(bets * values) / total
    radius = (np.log(2 / alpha) + penalties) / total
    return centre - radius, centre + radius


def _before(sums: Array, times: Array, first: float) -> Array:
    """The mean of what came before each, begun with one value of `first`."""
    return np.append(first, sums[:-1] / times[1:])
