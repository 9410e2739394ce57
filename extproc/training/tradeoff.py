"""Quality against share and cost, as a table and as a plot for a terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from extproc.signals.semantic.features import Array
from extproc.training.budget import Prices
from extproc.training.metrics import resamples

SHARES: Final = tuple(step / 10 for step in range(11))
_WIDTH: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The mean quality where `share` of the requests go to the reasoning tier, its 95 % interval,
    and what a random choice of the same share gives.
    """

    share: float
    quality: float
    low: float
    high: float
    random: float


def points(
    scores: Array, fast: Array, reasoning: Array, shares: Sequence[float] = SHARES
) -> list[Point]:
    """One for each share; the intervals are bootstraps over the labels."""
    order = np.argsort(-scores, kind="stable")
    gain = (reasoning - fast)[order]
    drawn = [
        _qualities(weights[order], fast[order], gain, shares) for weights in resamples(len(gain))
    ]
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    middle = _qualities(np.ones_like(gain), fast[order], gain, shares)
    gap = reasoning.mean() - fast.mean()
    return [
        Point(
            share=share,
            quality=float(middle[at]),
            low=float(low[at]),
            high=float(high[at]),
            random=float(fast.mean() + share * gap),
        )
        for at, share in enumerate(shares)
    ]


def table(found: Sequence[Point], prices: Prices | None) -> Iterator[str]:
    """Markdown; the cost where prices are known."""
    yield "| reasoning | quality [95 %] | random choice | cost |"
    yield "|---|---|---|---|"
    for point in found:
        cost = "-" if prices is None else f"${prices.per_day(point.share):.2f}/day"
        quality = f"{point.quality:.3f} [{point.low:.3f}, {point.high:.3f}]"
        yield f"| {point.share:.0%} | {quality} | {point.random:.3f} | {cost} |"


def plot(found: Sequence[Point]) -> Iterator[str]:
    """One bar a share: `#` the quality, `-` its interval, `|` the random choice."""
    low = min(min(point.low, point.random) for point in found)
    high = max(max(point.high, point.random) for point in found)
    scale = (_WIDTH - 1) / max(high - low, 1e-9)
    for point in found:
        start, middle, end, random = (
            round((value - low) * scale)
            for value in (point.low, point.quality, point.high, point.random)
        )
        line = [" "] * _WIDTH
        line[start : end + 1] = "-" * (end + 1 - start)
        line[random] = "|"
        line[middle] = "#"
        yield f"{point.share:>5.0%} {''.join(line).rstrip()}"
    yield f"      {low:<.3f}{high:>{_WIDTH - 5}.3f}"


def _qualities(weights: Array, fast: Array, gain: Array, shares: Sequence[float]) -> Array:
    """The mean quality at each share, for rows in the order in which they are sent."""
    whole = weights.sum()
    gained = np.append(0.0, np.cumsum(weights * gain)) / whole
    sent = np.append(0.0, np.cumsum(weights)) / whole
    quality: Array = weights @ fast / whole + np.interp(shares, sent, gained)
    return quality
