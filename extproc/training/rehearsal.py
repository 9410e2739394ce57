"""What own labels would bring: a file of pairs played as if it were an operator's traffic."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from extproc.errors import ConfigError
from extproc.request import Conversation, Segment
from extproc.signals.semantic import Semantic
from extproc.training.dataset import table
from extproc.training.metrics import exact
from extproc.training.refit import corrected, features, raw

DRAWS: Final = 20


def rehearse(path: Path, labels: int, semantic: Semantic) -> Iterator[str]:
    """Fitted to so many random rows and measured on the rest, `DRAWS` times, as Markdown."""
    rows = table(path)
    if labels >= len(rows):
        raise ConfigError(f"{path} has only {len(rows)} rows", path="--own-labels")
    prompts = [row["prompt"] for row in rows]
    said = [Conversation(segments=(Segment("user", prompt),)) for prompt in prompts]
    embeddings, counts = features(semantic, said)
    gain = np.array([float(row["strong"] - row["weak"]) for row in rows])
    found: list[float] = []
    for draw in range(DRAWS):
        order = np.random.default_rng(draw).permutation(len(rows))
        fit, rest = order[:labels], order[labels:]
        model = corrected(semantic.model, embeddings[fit], counts[fit], gain[fit])
        found.append(exact(raw(model, embeddings[rest], counts[rest]), gain[rest]).apgr)
    low, high = np.quantile(found, (0.025, 0.975))
    yield f"With {labels} labels of {path.stem}: APGR {np.mean(found):.3f} [{low:.3f}, {high:.3f}]"
