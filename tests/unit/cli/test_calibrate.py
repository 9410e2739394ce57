"""The signal refitted by one command."""

from pathlib import Path

import pytest
from semantic_builders import labels_file

from extproc.cli import run
from extproc.signals.semantic import Semantic


def calibrate(folder: Path, labels: Path, budget: str, *more: str) -> int:
    """Run the command."""
    arguments = ["--labels", str(labels), "--budget", budget, "--output", str(folder / "own.bin")]
    return run(["calibrate", *arguments, *more])


def test_the_curve_and_the_threshold_are_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the artifact is one that serves."""
    prices = ("--prices", "0.001", "0.01", "--requests-per-day", "1000")

    assert 0 == calibrate(tmp_path, labels_file(tmp_path), "cost<=$5.5/day", *prices)
    said = capsys.readouterr().out
    assert "| 50% | " in said
    assert "$5.50/day |" in said
    assert "sends 50% to reasoning" in said
    assert "Not shown" not in said
    assert "difficulty" in Semantic(tmp_path / "own.bin").names


def test_labels_that_show_nothing_are_said_to_show_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every prompt is the same."""
    labels = labels_file(tmp_path, prompt="the same")

    assert 0 == calibrate(tmp_path, labels, "reasoning<=30%")
    assert "Not shown to be better than a random choice" in capsys.readouterr().out


def test_a_bad_budget_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is read or written."""
    assert 2 == calibrate(tmp_path, tmp_path / "none", "cheap")
    assert "--budget: no such budget: 'cheap'" in capsys.readouterr().err
    assert [] == list(tmp_path.iterdir())
