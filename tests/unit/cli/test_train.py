"""The artifact by one command."""

from pathlib import Path

import pytest
from semantic_builders import labelled_folder

from extproc.cli import run
from extproc.signals.semantic.container import read
from extproc.signals.semantic.model import KIND


def test_the_artifact_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the date that was given in its manifest."""
    output = tmp_path / "artifact.bin"
    folder = str(labelled_folder(tmp_path))
    arguments = ["--data", folder, "--output", str(output), "--date", "2030-01-02"]

    assert 0 == run(["train", *arguments])
    assert "from 48 prompts" in capsys.readouterr().out
    assert "2030-01-02" == read(output, KIND).manifest["date"]


def test_an_empty_folder_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing is written."""
    output = tmp_path / "artifact.bin"

    assert 2 == run(["train", "--data", str(tmp_path), "--output", str(output)])
    assert f"{tmp_path} holds no labelled prompts" in capsys.readouterr().err
    assert not output.exists()
