"""The tables by one command."""

from pathlib import Path

import pytest
from semantic_builders import labelled_folder, paired_file

from extproc.cli import run


def test_all_tables_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Families left out, held-out files, stability, latency."""
    folder, file = str(labelled_folder(tmp_path)), str(paired_file(tmp_path))

    assert 0 == run(
        ["evaluate", "--train", folder, "--held-out", file, "--own-labels", "9", "--rounds", "2"]
    )
    said = capsys.readouterr().out
    assert "| benchmark | ranked by |" in said
    assert "| held (20; " in said
    assert "With 9 labels of held: " in said
    assert "| paraphrase | " in said
    assert "| 25 | " in said


def test_without_own_labels_nothing_is_refitted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The held-out file is ranked by the artifact as it ships, and that is all."""
    assert 0 == run(["evaluate", "--held-out", str(paired_file(tmp_path)), "--rounds", "2"])
    said = capsys.readouterr().out
    assert "| held (20; " in said
    assert "labels of held" not in said


def test_without_data_stability_and_latency_remain(capsys: pytest.CaptureFixture[str]) -> None:
    """They need none."""
    assert 0 == run(["evaluate", "--rounds", "2"])
    said = capsys.readouterr().out
    assert "ranked by" not in said
    assert "| tokens | p50" in said
