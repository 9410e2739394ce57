"""From own labels and a budget to an artifact and a threshold."""

from dataclasses import dataclass

import numpy as np

from extproc.signals.semantic import Semantic
from extproc.signals.semantic.features import Array
from extproc.training import metrics
from extproc.training.budget import Budget, Prices, share
from extproc.training.own import Labels
from extproc.training.refit import features, raw, refit
from extproc.training.train import packed


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """`scores` come from folds that had no part in fitting them, and so do `apgr`, its 95 %
    `interval` and `share`; `threshold` is on the artifact's probabilities.
    """

    artifact: bytes
    scores: Array
    apgr: float
    interval: tuple[float, float]
    share: float
    threshold: float


def calibration(
    labels: Labels, budget: Budget, prices: Prices | None, semantic: Semantic | None = None
) -> Calibration:
    """Refit the shipped heads to the labels; ConfigError where the budget cannot be met."""
    semantic = semantic or Semantic()
    embeddings, counts = features(semantic, labels.conversations)
    model, scores = refit(semantic.model, embeddings, counts, labels.gain)
    portion = share(budget, scores, labels.fast, labels.reasoning, prices)
    probabilities = model.calibrated(raw(model, embeddings, counts))
    return Calibration(
        artifact=packed(model, {"tokens": semantic.tokens, "labels": len(labels.gain)}),
        scores=scores,
        apgr=metrics.exact(scores, labels.gain).apgr,
        interval=metrics.interval(scores, labels.gain),
        share=portion,
        threshold=_threshold(probabilities, portion),
    )


def _threshold(probabilities: Array, portion: float) -> float:
    """What at most that share of the probabilities reaches; above all of them for none."""
    most = int(portion * len(probabilities))
    ordered = np.append(np.sort(probabilities)[::-1], 0.0)
    if not most:
        return 1.0
    return float((ordered[most - 1] + ordered[most]) / 2)
