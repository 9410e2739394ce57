"""The model: a soft gate over domains, and a small linear head for each.

    membership  g = softmax(sharpness * (W e + w))
    raw score   s = sum over domains d of g[d] * (h[d] . x + b[d])
    difficulty  p = 1 / (1 + exp(-(slope * s + offset)))        Platt (1999)

with the embedding e of length 1 and the counts x, each brought to mean 0 and spread 1 and bounded
to `BOUND` spreads, so that no text is further out than the rarest one that was trained on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from extproc.errors import ConfigError
from extproc.signals.semantic import container
from extproc.signals.semantic.features import COUNTS, Features

KIND: Final = "difficulty"
BOUND: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`difficulty` and each domain's membership are in [0, 1]; memberships add up to 1."""

    difficulty: float
    domains: Mapping[str, float]

    @property
    def domain(self) -> str:
        """The domain with the largest membership."""
        return max(self.domains, key=self.domains.__getitem__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The parameters; K domains, N counts, D the embedding's width, all float64.

    gate (K, D + 1): W and w, sharpness included; heads (K, N + 1): h and b; counts (2, N): mean
    and spread; calibration (2,): slope and offset.
    """

    domains: tuple[str, ...]
    gate: NDArray[np.float64]
    heads: NDArray[np.float64]
    counts: NDArray[np.float64]
    calibration: NDArray[np.float64]

    def memberships(self, embedding: NDArray[Any]) -> NDArray[np.float64]:
        """(..., K) for embeddings (..., D)."""
        logits = embedding @ self.gate[:, :-1].T + self.gate[:, -1]
        odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
        shares: NDArray[np.float64] = odds / odds.sum(axis=-1, keepdims=True)
        return shares

    def raw(self, shares: NDArray[np.float64], counts: NDArray[Any]) -> NDArray[np.float64]:
        """The score (...,) before calibration, for memberships (..., K) and counts (..., N)."""
        bounded = ((counts - self.counts[0]) / self.counts[1]).clip(-BOUND, BOUND)
        scores = bounded @ self.heads[:, :-1].T + self.heads[:, -1]
        raw: NDArray[np.float64] = (shares * scores).sum(axis=-1)
        return raw

    def calibrated(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities (...,) for raw scores (...,)."""
        slope, offset = self.calibration
        probabilities: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-(slope * raw + offset)))
        return probabilities

    def judge(self, features: Features) -> Judgement:
        """The judgement of one conversation."""
        shares = self.memberships(features.embedding)
        difficulty = self.calibrated(self.raw(shares, features.counts))
        named = zip(self.domains, shares.tolist(), strict=True)
        return Judgement(difficulty=float(difficulty), domains=dict(named))


def load(path: Path, *, width: int, tokens: str) -> Model:
    """The model at `path`; ConfigError where it is not whole or was trained on other tokens."""
    file = container.read(path, KIND)
    if file.manifest.get("tokens") != tokens:
        raise ConfigError(f"{path} was trained on another token table than the one beside it")
    domains = tuple(map(str, file.manifest.get("domains", ())))
    many = len(domains)
    return Model(
        domains=domains,
        gate=file.array("gate", many, width + 1).astype(np.float64),
        heads=file.array("heads", many, len(COUNTS) + 1).astype(np.float64),
        counts=file.array("counts", 2, len(COUNTS)).astype(np.float64),
        calibration=file.array("calibration", 2).astype(np.float64),
    )
