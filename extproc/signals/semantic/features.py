"""From the text that was read to numbers: one look-up per piece, then sums."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from extproc.signals.semantic.courtesy import strip
from extproc.signals.semantic.reading import Reading
from extproc.signals.semantic.tokens import Tokens

Array = NDArray[np.float64]
COUNTS: Final = ("words", "numbers", "operators", "code", "lines", "asks", "questions")
"""log(1 + count) each, but `asks`, which is a share of the words."""
SHORT_TASK: Final = 8.0
"""Words at which the task and its context weigh the same: "and why?" is judged by what it is
about, a task that stands for itself is not. No label of the training data says how many, so the
number is a choice, not a fit."""
_LEAST: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """`embedding` is of length 1 (0 where nothing is known), `counts` as `COUNTS`.

    Both are float64: rounding then differs between machines by far less than the grid on which
    trained parameters lie. `known` is the share of pieces that the vocabulary knows, in [0, 1].
    """

    embedding: Array
    counts: Array
    known: float


def extract(reading: Reading, tokens: Tokens) -> Features:
    """The features of one reading; total, for any text."""
    rows, mean, sums = _pooled(strip(reading.task), tokens)
    sums = sums / max(reading.task_share, _LEAST)
    if reading.context:
        own = sums[0] / (sums[0] + SHORT_TASK)
        around_rows, around_mean, around = _pooled(reading.context, tokens)
        mean = own * mean + (1 - own) * around_mean
        sums = sums + (1 - own) * around
        rows += around_rows
    return Features(
        embedding=mean / max(np.sqrt((mean * mean).sum()), _LEAST),
        counts=_scaled(sums),
        known=1.0 - rows.count(tokens.vocabulary.unknown) / max(len(rows), 1),
    )


def _pooled(text: str, tokens: Tokens) -> tuple[list[int], Array, Array]:
    """A text's rows, the mean of their vectors, and the sums of their facts and of line breaks."""
    rows = tokens.vocabulary.rows(text)
    at = np.array(rows, dtype=np.intp)
    mean = tokens.vectors.take(at, axis=0).sum(axis=0).astype(np.float64) / max(len(rows), 1)
    sums = tokens.facts.take(at, axis=0).sum(axis=0)
    return rows, mean, np.append(sums, _breaks(text)).astype(np.float64)


def _breaks(text: str) -> int:
    """Lines that hold something, less one: blank ones say nothing."""
    if "\n" not in text:
        return 0
    return max(sum(not line.isspace() for line in text.split("\n") if line) - 1, 0)


def _scaled(sums: Array) -> Array:
    """The sums in the order of `COUNTS`, each on its scale."""
    words, numbers, operators, code, asks, questions, _, lines = sums
    scaled: Array = np.log1p(np.array([words, numbers, operators, code, lines, 0.0, questions]))
    scaled[5] = asks / max(words, 1.0)
    return scaled
