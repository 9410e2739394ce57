"""From features and errors to a model: closed forms, so that equal input gives equal output.

Every penalty stands for so many prompts of evidence, because weights have a mean of 1. All the
settings were chosen by leaving families out of the training data; see docs/routing-quality.md.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from extproc.signals.semantic.model import BOUND, Model
from extproc.training.sources import UNTAUGHT

Array = NDArray[np.float64]
Labels = NDArray[np.str_]
GRID: Final = 2.0**-20
"""Parameters are rounded to it: far finer than they matter, far coarser than rounding errors."""
_STEPS: Final = 30
_TINY: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`counts`, `level`, `head` and `gate` are the ridge penalties of the slopes that all domains
    share, of each domain's own level, of its own slopes, and of the gate.

    `prior` is what a spread of the logarithm of the length adds to the error, and `length` the
    penalty that holds the slopes to it, all but firmly: between benchmarks the lengths differ by
    their formats, and what a fit learns of that is wrong for the next one. `centring` is which part
    of its benchmark's mean is taken off a row's error.
    """

    counts: float = 300.0
    level: float = 1_000.0
    head: float = 10_000.0
    gate: float = 30.0
    sharpness: float = 6.0
    prior: float = 0.07
    length: float = 100_000.0
    centring: float = 0.7

    def described(self) -> dict[str, Any]:
        """For the manifest."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """n rows: embeddings (n, D), counts (n, N), errors (n,), and three labels each.

    A row without an error (NaN) teaches the gate alone, as does one of an untaught family.
    """

    embeddings: Array
    counts: Array
    errors: Array
    benchmarks: Labels
    families: Labels
    domains: Labels

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Which rows teach the heads: those that have an error, and are of a taught family."""
        return ~np.isnan(self.errors) & ~np.isin(self.families, UNTAUGHT)

    def where(self, kept: NDArray[np.bool_]) -> "Examples":
        """The rows where `kept` holds."""
        return Examples(**{name: getattr(self, name)[kept] for name in self.__slots__})


def fit(examples: Examples, settings: Settings, domains: Sequence[str]) -> Model:
    """A model whose calibration is still the identity."""
    gate = _gate(examples, settings, domains)
    counts = examples.counts[examples.judged]
    spread = np.stack([counts.mean(axis=0), counts.std(axis=0) + _TINY])
    blank = np.zeros((len(domains), examples.counts.shape[1] + 1))
    model = Model(
        domains=tuple(domains),
        gate=gate,
        heads=blank,
        counts=spread,
        calibration=np.array([1.0, 0.0]),
    )
    return with_parameters(model, heads=_heads(examples.where(examples.judged), settings, model))


def calibrate(model: Model, raw: Array, errors: Array, weights: Array) -> Model:
    """The model with Platt's slope and offset, fitted by Newton's method to soft labels."""
    design = np.stack([raw, np.ones_like(raw)], axis=1)
    found = np.array([1.0, 0.0])
    for _ in range(_STEPS):
        probabilities = 1.0 / (1.0 + np.exp(-design @ found))
        slope = design.T @ (weights * (probabilities - errors))
        bend = (design * (weights * probabilities * (1 - probabilities))[:, None]).T @ design
        step: Array = np.linalg.solve(bend + _TINY * np.eye(2), slope)
        found = found - step
    return with_parameters(model, calibration=found)


def rounded(model: Model) -> Model:
    """The model with every parameter on the grid."""
    parameters = ("gate", "heads", "counts", "calibration")
    return with_parameters(model, **{name: _round(getattr(model, name)) for name in parameters})


def balanced(labels: Labels) -> Array:
    """Weights with a mean of 1 that give every label the same sum."""
    _, which, many = np.unique(labels, return_inverse=True, return_counts=True)
    weights = 1.0 / many[which]
    scaled: Array = weights / weights.mean()
    return scaled


def _gate(examples: Examples, settings: Settings, domains: Sequence[str]) -> Array:
    """One against the rest for each domain, by ridge; the softmax is the model's."""
    width = examples.embeddings.shape[1]
    wanted = np.where(examples.domains[:, None] == np.array(domains), 1.0, -1.0)
    penalty = np.full(width, settings.gate / width)  # embeddings are of length 1
    weights = balanced(examples.domains)
    return settings.sharpness * ridge(examples.embeddings, wanted, weights, penalty).T


def _heads(examples: Examples, settings: Settings, model: Model) -> Array:
    """Shared slopes, levels and slopes of each domain in one ridge, then put together by domain."""
    counts = ((examples.counts - model.counts[0]) / model.counts[1]).clip(-BOUND, BOUND)
    shares = model.memberships(examples.embeddings)
    many, terms = shares.shape[1], counts.shape[1]
    own = (shares[:, :, None] * counts[:, None, :]).reshape(len(counts), -1)
    levels = (shares - shares.mean(axis=0)) / (shares.std(axis=0) + _TINY)
    penalty = np.repeat(
        [settings.counts, settings.level, settings.head], [terms, many, many * terms]
    )
    penalty[[0, *range(terms + many, len(penalty), terms)]] = settings.length
    prior = np.zeros(len(penalty))
    prior[0] = settings.prior
    design = np.concatenate([counts, levels, own], axis=1)
    weights = balanced(examples.benchmarks)
    found = ridge(design, _target(examples, settings)[:, None], weights, penalty, prior)[:, 0]
    shared, level, slopes, offset = np.split(found, np.cumsum([terms, many, many * terms]))
    level = level / (shares.std(axis=0) + _TINY)
    base = offset - level @ shares.mean(axis=0)
    heads: Array = np.column_stack([shared + slopes.reshape(many, terms), level + base])
    return heads


def _target(examples: Examples, settings: Settings) -> Array:
    """Errors less a part of their benchmark's mean, which is partly its format's doing."""
    _, which = np.unique(examples.benchmarks, return_inverse=True)
    means = np.bincount(which, examples.errors) / np.bincount(which)
    target: Array = examples.errors - settings.centring * means[which]
    return target


def ridge(
    design: Array, target: Array, weights: Array, penalty: Array, prior: Array | None = None
) -> Array:
    """(terms + 1, outputs); the last row is the offset, which is not penalised."""
    full: Array = np.concatenate([design, np.ones((len(design), 1))], axis=1)
    weighed: Array = (full * weights[:, None]).T
    penalties: Array = np.append(penalty, _TINY)
    wanted: Array = weighed @ target
    if prior is not None:
        expected: Array = penalties * np.append(prior, 0.0)
        wanted += expected[:, None]
    normal: Array = weighed @ full + np.diag(penalties)
    solved: Array = np.linalg.solve(normal, wanted).astype(np.float64)
    return solved


def _round(values: Array) -> Array:
    return np.rint(values / GRID) * GRID


def with_parameters(model: Model, **changes: Array) -> Model:
    """The model with some of its parameters replaced."""
    fields = {name: getattr(model, name) for name in model.__slots__}
    return Model(**{**fields, **changes})
