"""Labelled prompts: `NAME_prompts.parquet` and `NAME_scores.parquet` side by side in one folder.

prompts: pid, benchmark, category, prompt; scores: pid, model, score (0 to 1). A row's error is one
minus the mean score of the small models, a row that none of them answered is left out.
"""

import hashlib
import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extproc.errors import ConfigError
from extproc.training import sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One prompt. `error` is the small models' mean error and `strong` the strong ones' mean score,
    each in [0, 1], or None where none of them answered.
    """

    benchmark: str
    family: str
    domain: str
    prompt: str
    error: float | None = None
    strong: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """The rows in the order of the files, and what the files were."""

    rows: tuple[Row, ...]
    files: tuple[Mapping[str, Any], ...]


def load(folder: Path) -> Dataset:
    """Every pair of files in `folder`, by name; ConfigError where there is none or one is wrong."""
    rows: list[Row] = []
    files: list[Mapping[str, Any]] = []
    for prompts in sorted(folder.glob("*_prompts.parquet")):
        scores = prompts.with_name(prompts.name.replace("_prompts.", "_scores."))
        tables = [table(path) for path in (prompts, scores)]
        for path, content in zip((prompts, scores), tables, strict=True):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            files.append({"name": path.name, "rows": len(content), "sha256": digest})
        rows += _rows(*tables)
    if not rows:
        raise ConfigError(f"{folder} holds no labelled prompts")
    return Dataset(rows=tuple(rows), files=tuple(files))


def table(path: Path) -> list[dict[str, Any]]:
    """A parquet file's rows; ConfigError where it, or the library, cannot be read."""
    try:
        parquet = importlib.import_module("pyarrow.parquet")
        rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    except ImportError as error:
        raise ConfigError("pyarrow is needed: install tiergate[training]") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read {path}: {error}") from error
    return rows


def _rows(prompts: Iterable[Mapping[str, Any]], scores: Iterable[Mapping[str, Any]]) -> list[Row]:
    small: dict[str, list[float]] = {}
    strong: dict[str, list[float]] = {}
    for score in scores:
        for models, found in ((sources.SMALL, small), (sources.STRONG, strong)):
            if score["model"] in models:
                found.setdefault(score["pid"], []).append(score["score"])
    return [
        Row(
            benchmark=row["benchmark"],
            family=sources.family(row["benchmark"]),
            domain=sources.domain(row["benchmark"], row["category"]),
            prompt=row["prompt"],
            error=1.0 - _mean(small[row["pid"]]),
            strong=_mean(strong[row["pid"]]) if row["pid"] in strong else None,
        )
        for row in prompts
        if row["pid"] in small
    ]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
