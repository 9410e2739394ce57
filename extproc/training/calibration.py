"""From own labels and a budget to an artifact and a threshold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from msgspec import to_builtins

from extproc.errors import ConfigError
from extproc.signals.baseline import KEY, Baseline
from extproc.signals.semantic import Semantic
from extproc.signals.semantic.features import Array
from extproc.training import metrics
from extproc.training.budget import Budget, Prices, share
from extproc.training.metrics import BINS
from extproc.training.own import Labels
from extproc.training.refit import features, raw, refit
from extproc.training.train import packed

_DIGITS: Final = 6
"""Probabilities that differ by less are alike; a threshold between others has one digit more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """`scores` come from folds that had no part in fitting them, and so do `apgr`, its 95 %
    `interval` and `share`; `threshold` is on the artifact's probabilities, and the part of them
    that reaches it is `sent`: less than `share` where many are alike.

    The artifact holds the baseline that drift is measured against.
    """

    artifact: bytes
    scores: Array
    apgr: float
    interval: tuple[float, float]
    share: float
    threshold: float
    sent: float


def calibration(
    labels: Labels, budget: Budget, prices: Prices | None, semantic: Semantic | None = None
) -> Calibration:
    """Refit the shipped heads to the labels; ConfigError where the budget cannot be met, or where
    there is nothing to gain.
    """
    if labels.gain.mean() <= 0:
        raise ConfigError("the reasoning tier is no better on these labels: nothing to route for")
    semantic = semantic or Semantic()
    embeddings, counts = features(semantic, labels.conversations)
    model, scores = refit(semantic.model, embeddings, counts, labels.gain)
    portion = share(budget, scores, labels.fast, labels.reasoning, prices)
    probabilities = model.calibrated(raw(model, embeddings, counts))
    domains = model.memberships(embeddings).argmax(axis=1)
    shares = np.bincount(domains, minlength=len(model.domains)) / len(domains)
    threshold = _threshold(probabilities, portion)
    named = dict(zip(model.domains, shares.tolist(), strict=True))
    manifest = {
        "tokens": semantic.tokens,
        "labels": len(labels.gain),
        KEY: to_builtins(_baseline(probabilities, named, portion)),
    }
    return Calibration(
        artifact=packed(model, manifest),
        scores=scores,
        apgr=metrics.exact(scores, labels.gain).apgr,
        interval=metrics.interval(scores, labels.gain),
        share=portion,
        threshold=threshold,
        sent=float((probabilities >= threshold).mean()),
    )


def _baseline(probabilities: Array, domains: Mapping[str, float], portion: float) -> Baseline:
    """The shares of what was labelled."""
    edges = np.unique(np.quantile(probabilities, np.linspace(0, 1, BINS + 1)[1:-1]))
    bins = np.bincount(
        np.searchsorted(edges, probabilities, side="right"), minlength=len(edges) + 1
    )
    return Baseline(
        edges=tuple(edges.tolist()),
        difficulty=tuple((bins / len(probabilities)).tolist()),
        domains=domains,
        reasoning=portion,
    )


def _threshold(probabilities: Array, portion: float) -> float:
    """What at most that share of the probabilities reaches, those that are alike together; above
    all of them for none.
    """
    most = int(portion * len(probabilities))
    ordered = np.append(np.sort(probabilities.round(_DIGITS))[::-1], 0.0)
    while 0 < most < len(probabilities) and ordered[most - 1] == ordered[most]:
        most -= 1
    if not most:
        return 1.0
    return float((ordered[most - 1] + ordered[most]) / 2)
