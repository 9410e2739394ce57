"""An experiment, by one command."""

from pathlib import Path

import pytest
from decision_lines import decided, ended, log_file

from extproc.cli import run
from extproc.decisionlog.lines import Assignment

ARMS = {"a": "candidate", "b": "control"}


def experiment(folder: Path, *more: str, torn: bytes = b"") -> int:
    """Run the command on two sessions, one of which took a second."""
    decisions = [
        decided(name, session=name, experiment=Assignment(name="trial", arm=arm, share=0.5))
        for name, arm in ARMS.items()
    ]
    log = log_file(folder, *decisions, ended("a", duration=1.0), ended("b", duration=2.0))
    with log.open("ab") as file:
        file.write(torn)
    return run(["experiment", str(log), "--name", "trial", *more])


@pytest.mark.parametrize(
    ("more", "mean"),
    [
        ((), "| candidate | 1 | 1.0000 | 0 |"),
        (("--metric", "duration"), "| control | 1 | 2.0000 | 0 |"),
        (("--metric", "duration", "--bound", "1.5"), "| control | 1 | 1.5000 | 0 |"),
    ],
)
def test_both_arms_and_the_sequence_are_printed(
    more: tuple[str, ...], mean: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two sessions show nothing."""
    assert 0 == experiment(tmp_path, *more)
    said = capsys.readouterr()
    assert mean in said.out
    assert "No difference is shown so far." in said.out
    assert "" == said.err


def test_torn_lines_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are left out."""
    assert 0 == experiment(tmp_path, torn=b"{")
    assert "1 lines were torn" in capsys.readouterr().err


def test_outcomes_may_come_from_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As users' thumbs."""
    thumbs = tmp_path / "thumbs.jsonl"
    thumbs.write_text('{"request_id":"a","value":0.5}\n')

    assert 0 == experiment(tmp_path, "--outcomes", str(thumbs))
    assert "| control | 0 | - | 1 |" in capsys.readouterr().out


def test_an_unknown_metric_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With those that there are."""
    assert 2 == experiment(tmp_path, "--metric", "luck")
    assert "--metric: expected one of success" in capsys.readouterr().err
