"""One command from labelled prompts to the artifact, with its manifest inside."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from extproc.request import Conversation, Segment
from extproc.signals.semantic import TOKENS
from extproc.signals.semantic.container import pack
from extproc.signals.semantic.features import COUNTS, Features, extract
from extproc.signals.semantic.model import KIND, Model
from extproc.signals.semantic.reading import read
from extproc.signals.semantic.tokens import Tokens
from extproc.training import seeds
from extproc.training.dataset import Dataset, Row, load
from extproc.training.fitting import Array, Examples, Settings, balanced, calibrate, fit, rounded

FROZEN: Final = "2026-11-23"
"""The day on which the settings were chosen; it stands in the manifest instead of the clock's, so
that the same command makes the same bytes on any day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The artifact's bytes, and what they hold."""

    artifact: bytes
    model: Model
    manifest: Mapping[str, Any]


def train(
    folder: Path, *, tokens: Path = TOKENS, date: str = FROZEN, settings: Settings | None = None
) -> Trained:
    """Train on every pair of files in `folder`; ConfigError where there is none."""
    settings = settings or Settings()
    dataset, table = load(folder), Tokens(tokens)
    labelled = examples((*dataset.rows, *seeds.rows()), table)
    domains = sorted(set(labelled.domains.tolist()))
    model = rounded(calibrated(labelled, settings, domains))
    described = manifest(dataset, table.digest, settings, domains, date)
    return Trained(artifact=packed(model, described), model=model, manifest=described)


def packed(model: Model, manifest: Mapping[str, Any]) -> bytes:
    """The artifact that holds a model."""
    names = ("gate", "heads", "counts", "calibration")
    arrays = {name: getattr(model, name).astype("<f8") for name in names}
    return pack(KIND, {**manifest, "domains": list(model.domains)}, arrays)


def calibrated(labelled: Examples, settings: Settings, domains: Sequence[str]) -> Model:
    """A model of all rows whose probabilities were fitted to families that it had not seen."""
    raw = left_out(labelled, settings, domains)
    model = fit(labelled, settings, domains)
    judged = labelled.judged
    weights = balanced(labelled.benchmarks[judged])
    return calibrate(model, raw[judged], labelled.errors[judged], weights)


def left_out(labelled: Examples, settings: Settings, domains: Sequence[str]) -> Array:
    """Each row's raw score by a model that saw nothing of the row's family."""
    scores = np.zeros(len(labelled.errors))
    for family in np.unique(labelled.families):
        inside = labelled.families == family
        model = fit(labelled.where(~inside), settings, domains)
        scores[inside] = raw_scores(model, labelled.where(inside))
    return scores


def raw_scores(model: Model, labelled: Examples) -> Array:
    """The model's scores before calibration."""
    return model.raw(model.memberships(labelled.embeddings), labelled.counts)


def examples(rows: Sequence[Row], table: Tokens) -> Examples:
    """The rows' features, read exactly as the serving process reads a request."""
    found = [features(row.prompt, table) for row in rows]
    return Examples(
        embeddings=np.array([one.embedding for one in found], dtype=np.float64),
        counts=np.array([one.counts for one in found], dtype=np.float64),
        errors=np.array([np.nan if row.error is None else row.error for row in rows]),
        benchmarks=np.array([row.benchmark for row in rows]),
        families=np.array([row.family for row in rows]),
        domains=np.array([row.domain for row in rows]),
    )


def features(prompt: str, table: Tokens) -> Features:
    """The features of a conversation that is one user's message."""
    conversation = Conversation(segments=(Segment("user", prompt),), user_turns=1)
    return extract(read(conversation), table)


def manifest(
    dataset: Dataset, tokens: str, settings: Settings, domains: Iterable[str], date: str
) -> dict[str, Any]:
    """Where the artifact comes from: enough to make it again and to know that it is the same."""
    written = json.dumps(seeds.PROMPTS, sort_keys=True).encode()
    return {
        "date": date,
        "tokens": tokens,
        "domains": list(domains),
        "counts": list(COUNTS),
        "settings": settings.described(),
        "files": list(dataset.files),
        "rows": len(dataset.rows),
        "seeds": {
            "rows": len(seeds.rows()),
            "sha256": hashlib.sha256(written).hexdigest(),
            "assumed_error": dict(seeds.ASSUMED_ERROR),
        },
    }
