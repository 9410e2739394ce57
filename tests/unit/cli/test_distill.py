"""The token table by one command."""

from pathlib import Path

import pytest
from semantic_builders import teacher_folder

from extproc.cli import run
from extproc.signals.semantic.tokens import Tokens


def test_the_table_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As wide as the teacher allows."""
    output = tmp_path / "tokens.bin"
    folder = str(teacher_folder(tmp_path))

    assert 0 == run(["distill", "--teacher", folder, "--output", str(output)])
    assert f"{output}: {output.stat().st_size} bytes\n" == capsys.readouterr().out
    assert 8 == Tokens(output).width


def test_a_missing_teacher_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the file that is not there."""
    arguments = ["--teacher", str(tmp_path), "--output", str(tmp_path / "out")]

    assert 1 == run(["distill", *arguments])
    assert "config.json" in capsys.readouterr().err
