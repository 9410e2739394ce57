"""From the teacher to the token table, as Model2Vec does it (Tulkens and van Dongen 2024).

Each piece goes through the teacher alone; the principal components of the results are kept, weighed
by how rare the piece is (SIF: Arora, Liang and Ma 2017, with Zipf's law over the vocabulary's
order in place of counts), and rounded to eight bits.
"""

import hashlib
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from extproc.signals.semantic.container import pack
from extproc.signals.semantic.tokens import KIND
from extproc.training.teacher import Teacher, load

Array = NDArray[np.float64]
WIDTH: Final = 64
SMOOTHING: Final = 1e-3
_BATCH: Final = 512
_STEPS: Final = 127


def distill(folder: Path, width: int = WIDTH) -> bytes:
    """The token table of the teacher in `folder`; equal files give equal bytes."""
    teacher = load(folder)
    kept = [row for row, piece in enumerate(teacher.pieces) if not piece.startswith("[unused")]
    pieces = [teacher.pieces[row] for row in kept]
    vectors = components(embeddings(teacher, kept), width) * rarity(len(pieces))[:, None]
    scales = np.abs(vectors).max(axis=1).clip(1e-9) / _STEPS
    manifest = {
        "teacher": {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
            for name in ("config.json", "model.safetensors", "vocab.txt")
        },
        "width": width,
        "smoothing": SMOOTHING,
    }
    arrays = {
        "pieces": np.frombuffer("\n".join(pieces).encode(), np.uint8),
        "scales": scales.astype("<f4"),
        "vectors": np.rint(vectors / scales[:, None]).astype(np.int8),
    }
    return pack(KIND, manifest, arrays)


def embeddings(teacher: Teacher, rows: list[int]) -> Array:
    """What the teacher says of each piece alone, between the marks of a sentence."""
    first, last = teacher.pieces.index("[CLS]"), teacher.pieces.index("[SEP]")
    sentences = np.array([(first, row, last) for row in rows], dtype=np.intp)
    batches = range(0, len(rows), _BATCH)
    return np.concatenate([teacher.embed(sentences[at : at + _BATCH]) for at in batches])


def components(vectors: Array, width: int) -> Array:
    """The first `width` principal components, brought to a mean square of 1.

    A component's sign is free; its largest entry is made positive, so that it is the same always.
    """
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :width]
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[largest, np.arange(axes.shape[1])])
    projected = centred @ axes
    scaled: Array = projected / np.sqrt((projected**2).mean())
    return scaled


def rarity(pieces: int) -> Array:
    """Each piece's weight in (0, 1]: a / (a + p) with p = 1 / (rank ln pieces)."""
    ranks = np.arange(2, pieces + 2)
    weights: Array = SMOOTHING / (SMOOTHING + 1.0 / (ranks * np.log(pieces)))
    return weights
