"""Labelled prompts."""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from semantic_builders import labelled_folder

from extproc.errors import ConfigError
from extproc.training.dataset import load, table


def test_rows_and_files_are_read(tmp_path: Path) -> None:
    """The error is the small models' alone; the files are named with their digests."""
    found = load(labelled_folder(tmp_path))

    assert 48 == len(found.rows)
    assert found.rows[3].error == pytest.approx(1.0)
    assert 1.0 == found.rows[3].strong
    assert ("competition mathematics", "mathematics") == (
        found.rows[0].family,
        found.rows[0].domain,
    )
    assert ["made_prompts.parquet", "made_scores.parquet"] == [file["name"] for file in found.files]
    assert [48, 144] == [file["rows"] for file in found.files]
    assert all(64 == len(file["sha256"]) for file in found.files)


def test_rows_without_small_models_are_left_out(tmp_path: Path) -> None:
    """And those without strong ones have no score of theirs."""
    prompts = [{"pid": pid, "benchmark": "b", "category": "c", "prompt": "p"} for pid in ("1", "2")]
    scores = [
        {"pid": "1", "model": "gemma-2-9b-it", "score": 1.0},
        {"pid": "2", "model": "gpt-4o-2024-05-13", "score": 1.0},
    ]
    pq.write_table(pa.Table.from_pylist(prompts), tmp_path / "x_prompts.parquet")
    pq.write_table(pa.Table.from_pylist(scores), tmp_path / "x_scores.parquet")
    (row,) = load(tmp_path).rows

    assert (0.0, None) == (row.error, row.strong)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    """Nothing can be learned from it."""
    with pytest.raises(ConfigError, match="no labelled prompts"):
        load(tmp_path)


def test_another_file_is_refused(tmp_path: Path) -> None:
    """With its name."""
    path = tmp_path / "x.parquet"
    path.write_bytes(b"no")

    with pytest.raises(ConfigError, match=r"cannot read .*x\.parquet"):
        table(path)


def test_without_the_library_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no part of what serves."""
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)

    with pytest.raises(ConfigError, match=r"install tiergate\[training\]"):
        table(tmp_path / "x.parquet")
