"""The shipped heads, refitted to an operator's own labels.

What is fitted is a correction: slopes of the counts and levels of the domains on top of the shipped
score, all drawn towards none by a ridge. Scores that are reported come from folds that had no part
in the fit.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from extproc.request import Conversation
from extproc.signals.semantic import Semantic
from extproc.signals.semantic.features import Array
from extproc.signals.semantic.model import BOUND, Model
from extproc.training.fitting import calibrate, ridge, rounded, with_parameters

FOLDS: Final = 10
SLOPES: Final = 300.0
LEVELS: Final = 3_000.0
"""Labels' worth of belief that the shipped slopes, and levels, are right, on the scale of the
labels themselves: prompts of one format differ little in their counts, and what they differ in must
still be heard. Chosen on the training data's families, where either matters little by a factor of
three."""
_LEAST: Final = 1e-3
_SEED: Final = 0
_FIRM: Final = 1.0


def features(semantic: Semantic, conversations: Sequence[Conversation]) -> tuple[Array, Array]:
    """Embeddings (n, D) and counts (n, N)."""
    found = [semantic.features(conversation) for conversation in conversations]
    return np.array([one.embedding for one in found]), np.array([one.counts for one in found])


def refit(model: Model, embeddings: Array, counts: Array, gain: Array) -> tuple[Model, Array]:
    """The refitted model, and each row's raw score by a fold that had no part in fitting it.

    Its probability is that of the reasoning tier's answer being better, in proportion to the gain.
    """
    scores = np.zeros(len(gain))
    folds = np.random.default_rng(_SEED).permutation(len(gain)) % FOLDS
    for fold in range(FOLDS):
        inside = folds == fold
        part = corrected(model, embeddings[~inside], counts[~inside], gain[~inside])
        scores[inside] = raw(part, embeddings[inside], counts[inside])
    whole = corrected(model, embeddings, counts, gain)
    return rounded(calibrate(whole, scores, _soft(gain.clip(0, 1)), np.ones_like(gain))), scores


def _soft(gain: Array) -> Array:
    """Platt's own targets, never quite 0 or 1: with few labels the scores may part them wholly, and
    then the slope would grow without end.
    """
    better = gain.sum()
    low, high = 1 / (len(gain) - better + 2), (better + 1) / (better + 2)
    soft: Array = low + (high - low) * gain
    return soft


def corrected(model: Model, embeddings: Array, counts: Array, gain: Array) -> Model:
    """The model with heads that predict the gain."""
    shares = model.memberships(embeddings)
    bounded = ((counts - model.counts[0]) / model.counts[1]).clip(-BOUND, BOUND)
    shipped = model.raw(shares, counts)
    spread = shipped.std() + 1e-6
    design = np.concatenate([bounded, shares, shipped[:, None] / spread], axis=1)
    terms, domains = bounded.shape[1], shares.shape[1]
    belief = np.repeat([SLOPES, LEVELS], [terms, domains])
    penalty = np.append(belief * (design[:, :-1].var(axis=0) + _LEAST), _FIRM)
    found = ridge(design, gain[:, None], np.ones_like(gain), penalty)[:, 0]
    slopes, levels, (trust, offset) = np.split(found, [terms, terms + domains])
    own = np.column_stack([np.tile(slopes, (domains, 1)), levels + offset])
    return with_parameters(model, heads=own + trust / spread * model.heads)


def raw(model: Model, embeddings: Array, counts: Array) -> Array:
    """The model's scores before calibration."""
    return model.raw(model.memberships(embeddings), counts)
