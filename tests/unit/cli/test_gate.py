"""A rollout held by one command."""

from pathlib import Path
from typing import Any

import pytest
from documents import document_file
from semantic_builders import labels_file

from extproc.cli import run

BY_LENGTH = {
    "threshold": {
        "at": 0.5,
        "above": "reasoning",
        "below": "fast",
        "weights": {"prompt_tokens": {"weight": 1, "full_at": 120}},
    }
}
UPSIDE_DOWN = {"threshold": {**BY_LENGTH["threshold"], "above": "fast", "below": "reasoning"}}
FAST, REASONING = {"fixed": "fast"}, {"fixed": "reasoning"}


def gate(folder: Path, policy: dict[str, Any], against: dict[str, Any], *more: str) -> int:
    """Run the command on labels whose longer half the fast tier fails."""
    documents = []
    for name, one in (("new", policy), ("current", against)):
        (folder / name).mkdir()
        documents.append(str(document_file(folder / name, policy=one)))
    files = ("--policy", documents[0], "--against", documents[1])
    return run(["gate", *files, "--labels", str(labels_file(folder, 400)), *more])


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (BY_LENGTH, (0, "better")),
        (REASONING, (2, "not shown to be better")),
        (UPSIDE_DOWN, (3, "worse")),
    ],
)
def test_the_status_is_the_verdict(
    policy: dict[str, Any],
    expected: tuple[int, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """So that a pipeline can hold a rollout."""
    status, word = expected

    assert status == gate(tmp_path, policy, FAST)
    assert word == capsys.readouterr().out.splitlines()[-1]


def test_the_document_that_is_wrong_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the key, where it is one."""
    assert 2 == gate(tmp_path, BY_LENGTH, {"fixed": "none"})
    assert f"tiergate: {tmp_path}/current/" in capsys.readouterr().err


def test_a_document_that_cannot_be_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a whole."""
    missing = str(tmp_path / "missing.yaml")

    assert 2 == run(
        ["gate", "--policy", missing, "--against", missing, "--labels", str(labels_file(tmp_path))]
    )
    assert f"tiergate: {missing}: cannot read" in capsys.readouterr().err


def test_what_an_answer_is_worth_may_be_said(tmp_path: Path) -> None:
    """Where cost does not matter, always-reasoning is better than always-fast, not than itself."""
    assert 2 == gate(tmp_path, REASONING, FAST, "--worth", "0")
