"""The signal refitted by one command."""

import re
import sys
from pathlib import Path

import pytest
import yaml
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
    assert re.search(
        r"^50% to the reasoning tier: quality 0\.\d+ \[.+\], random 0\.750$", said, re.MULTILINE
    )
    document = said[said.index("signals:") :]
    assert str(tmp_path / "own.bin") == yaml.safe_load(document)["signals"]["semantic"]["artifact"]
    assert "Not shown" not in said
    assert "difficulty" in Semantic(tmp_path / "own.bin").names


def test_labels_that_show_nothing_are_said_to_show_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every prompt is the same."""
    labels = labels_file(tmp_path, prompt="the same")

    assert 0 == calibrate(tmp_path, labels, "reasoning<=30%")
    assert "Not shown to be better than a random choice" in capsys.readouterr().out


def test_scores_that_are_too_much_alike_for_the_budget_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The threshold keeps the budget, and cannot use it."""
    labels = tmp_path / "own.jsonl"
    labels.write_text('{"prompt": "prove it", "fast": 0, "reasoning": 1}\n' * 60)

    assert 0 == calibrate(tmp_path, labels, "reasoning<=30%")
    assert "this threshold sends 0% of the labels.\n" in capsys.readouterr().out


def test_a_bad_budget_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is read or written."""
    assert 2 == calibrate(tmp_path, tmp_path / "none", "cheap")
    assert "--budget: no such budget: 'cheap'" in capsys.readouterr().err
    assert [] == list(tmp_path.iterdir())


def test_the_curve_may_be_a_picture(tmp_path: Path) -> None:
    """Beside the table."""
    picture = tmp_path / "curve.svg"
    prices = ("--prices", "0.001", "0.01", "--requests-per-day", "1000")

    assert 0 == calibrate(
        tmp_path, labels_file(tmp_path), "reasoning<=30%", *prices, "--plot", str(picture)
    )
    assert "<svg" in picture.read_text()


def test_a_picture_of_another_kind_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With those that there are; no artifact is left behind."""
    labels = labels_file(tmp_path)

    assert 2 == calibrate(tmp_path, labels, "reasoning<=30%", "--plot", str(tmp_path / "c.gifv"))
    assert "--plot: Format 'gifv' is not supported" in capsys.readouterr().err
    assert not (tmp_path / "own.bin").exists()


def test_a_picture_needs_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where matplotlib is not installed."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    labels = labels_file(tmp_path)

    assert 2 == calibrate(tmp_path, labels, "reasoning<=30%", "--plot", str(tmp_path / "c.svg"))
    assert "tiergate[plots]" in capsys.readouterr().err
