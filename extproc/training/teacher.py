"""The teacher's forward pass in NumPy: BERT's encoder with mean pooling, in float64.

Needing no framework keeps the distillation repeatable: in float64 the differences between machines
stay far below the step to which its result is rounded.

Sources: Devlin et al. 2019 for the encoder, Reimers and Gurevych 2019 for the pooling,
Abramowitz and Stegun 7.1.26 for erf (absolute error below 1.5e-7).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from extproc.training import safetensors

Array = NDArray[np.float64]
_EPSILON: Final = 1e-12
_ERF: Final = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)
_ERF_RATE: Final = 0.3275911


@dataclass(frozen=True, slots=True, kw_only=True)
class Teacher:
    """A folder's `model.safetensors`, `config.json` and `vocab.txt`."""

    pieces: tuple[str, ...]
    weights: Mapping[str, NDArray[Any]]
    layers: int
    heads: int

    def embed(self, rows: NDArray[np.intp]) -> Array:
        """(n, width) for sequences of pieces (n, length), special pieces included."""
        weights = self.weights
        hidden = weights["embeddings.word_embeddings.weight"][rows]
        hidden = hidden + weights["embeddings.position_embeddings.weight"][: rows.shape[1]]
        hidden = hidden + weights["embeddings.token_type_embeddings.weight"][0]
        hidden = self._norm(hidden, "embeddings.LayerNorm")
        for layer in range(self.layers):
            hidden = self._layer(hidden, f"encoder.layer.{layer}.")
        pooled: Array = hidden.mean(axis=1)
        return pooled

    def _layer(self, hidden: Array, at: str) -> Array:
        attended = self._linear(self._attend(hidden, at), f"{at}attention.output.dense")
        hidden = self._norm(attended + hidden, f"{at}attention.output.LayerNorm")
        inner = self._linear(hidden, f"{at}intermediate.dense")
        inner = 0.5 * inner * (1.0 + _erf(inner / np.sqrt(2.0)))
        return self._norm(
            self._linear(inner, f"{at}output.dense") + hidden, f"{at}output.LayerNorm"
        )

    def _attend(self, hidden: Array, at: str) -> Array:
        many, length, width = hidden.shape
        shape = (many, length, self.heads, width // self.heads)
        query, key, value = (
            self._linear(hidden, f"{at}attention.self.{name}").reshape(shape).swapaxes(1, 2)
            for name in ("query", "key", "value")
        )
        scores = query @ key.swapaxes(2, 3) / np.sqrt(shape[-1])
        odds = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (odds / odds.sum(axis=-1, keepdims=True)) @ value
        attended: Array = mixed.swapaxes(1, 2).reshape(many, length, width)
        return attended

    def _linear(self, inputs: Array, at: str) -> Array:
        outputs: Array = inputs @ self.weights[f"{at}.weight"].T + self.weights[f"{at}.bias"]
        return outputs

    def _norm(self, inputs: Array, at: str) -> Array:
        centred = inputs - inputs.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + _EPSILON)
        normed: Array = centred / spread * self.weights[f"{at}.weight"] + self.weights[f"{at}.bias"]
        return normed


def load(folder: Path) -> Teacher:
    """The teacher in `folder`; OSError where a file is missing, ConfigError where one is wrong."""
    config = json.loads((folder / "config.json").read_bytes())
    return Teacher(
        pieces=tuple((folder / "vocab.txt").read_text(encoding="utf-8").splitlines()),
        weights=safetensors.read(folder / "model.safetensors"),
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
    )


def _erf(values: Array) -> Array:
    magnitude = np.abs(values)
    step = 1.0 / (1.0 + _ERF_RATE * magnitude)
    series = np.zeros_like(values)
    for coefficient in _ERF:
        series = (series + coefficient) * step
    signed: Array = np.sign(values) * (1.0 - series * np.exp(-(magnitude**2)))
    return signed
