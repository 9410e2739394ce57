"""From a budget in an operator's words to the share of requests that the reasoning tier may get."""

import re
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from extproc.errors import ConfigError
from extproc.signals.semantic.features import Array
from extproc.training.metrics import exact

_BUDGET: Final = re.compile(
    r"(?:(?P<reasoning>reasoning)\s*<=\s*(?P<share>\d+(?:\.\d+)?)\s*%"
    r"|(?P<quality>quality)\s*>=\s*(?P<part>\d+(?:\.\d+)?)\s*%"
    r"|(?P<cost>cost)\s*<=\s*\$\s*(?P<dollars>\d+(?:\.\d+)?)\s*/\s*day)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """`amount` is a share in [0, 1] for `reasoning` and `quality`, dollars a day for `cost`."""

    kind: Literal["reasoning", "quality", "cost"]
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Dollars a request of each tier, and requests a day."""

    fast: float
    reasoning: float
    requests: float

    def per_day(self, share: float) -> float:
        """Dollars a day where that share goes to the reasoning tier."""
        return self.requests * (self.fast + share * (self.reasoning - self.fast))


def parse(text: str) -> Budget:
    """`reasoning<=30%`, `quality>=95%` or `cost<=$200/day`; ConfigError for anything else."""
    match = _BUDGET.fullmatch(text.strip())
    if match is None:
        known = "reasoning<=30%, quality>=95% or cost<=$200/day"
        raise ConfigError(f"no such budget: {text!r}; write {known}", path="--budget")
    if match["cost"]:
        return Budget(kind="cost", amount=float(match["dollars"]))
    amount = float(match["share"] or match["part"]) / 100
    if amount > 1:
        raise ConfigError("over 100 %", path="--budget")
    return Budget(kind="reasoning" if match["reasoning"] else "quality", amount=amount)


def share(
    budget: Budget, scores: Array, fast: Array, reasoning: Array, prices: Prices | None
) -> float:
    """The share for the reasoning tier, in [0, 1]; ConfigError where the budget cannot be met."""
    if budget.kind == "reasoning":
        return budget.amount
    if budget.kind == "quality":
        return _enough(budget.amount, scores, fast, reasoning)
    if prices is None:
        raise ConfigError("a cost needs --prices and --requests-per-day", path="--budget")
    least, most = prices.per_day(0), prices.per_day(1)
    if budget.amount < least:
        raise ConfigError(f"always-fast alone costs ${least:.2f}/day", path="--budget")
    return 1.0 if most <= least else min((budget.amount - least) / (most - least), 1.0)


def _enough(part: float, scores: Array, fast: Array, reasoning: Array) -> float:
    """The least share whose quality is `part` of always-reasoning's."""
    wanted = part * reasoning.mean() - fast.mean()
    if wanted <= 0:
        return 0.0
    gain = reasoning - fast
    curve = exact(scores, gain)
    return float(curve.share[np.argmax(curve.recovered * gain.mean() >= wanted - 1e-12)])
