"""A decision log through another policy."""

from pathlib import Path

import pytest
from decision_lines import decided, log_file
from documents import document_file

from extproc.cli import run


def test_shares_and_flips_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Torn lines are said on stderr."""
    log = log_file(tmp_path, decided("a"), decided("b"))
    with log.open("ab") as file:
        file.write(b"{")
    policy = document_file(tmp_path, policy={"fixed": "reasoning"})

    assert 0 == run(["replay", str(log), "--policy", str(policy)])
    said = capsys.readouterr()
    assert "2 of 2 decisions differ (100.0%)" in said.out
    assert "1 lines were torn" in said.err


def test_a_whole_log_says_nothing_besides(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr."""
    policy = document_file(tmp_path, policy={"fixed": "fast"})

    assert 0 == run(["replay", str(log_file(tmp_path, decided())), "--policy", str(policy)])
    assert "" == capsys.readouterr().err
