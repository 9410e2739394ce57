"""Where two policies disagree."""

import json
from pathlib import Path

import pytest
from decision_lines import decided, log_file
from documents import document_file

from extproc.cli import run

RULE = {"when": {"prompt_tokens": {"at_least": 100}}, "then": "reasoning"}


def documents(folder: Path) -> list[str]:
    """A policy by length, and one that is always fast."""
    found = []
    for name, policy in (
        ("new", {"rules": [RULE, {"otherwise": "fast"}]}),
        ("old", {"fixed": "fast"}),
    ):
        (folder / name).mkdir()
        found.append(str(document_file(folder / name, policy=policy)))
    return ["compare", "--policy", found[0], "--against", found[1]]


def test_a_log_gives_examples_by_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the signal that sets them apart."""
    lines = [decided(f"r-{n}", signals={"prompt_tokens": 90.0 * n}) for n in range(3)]

    assert 0 == run([*documents(tmp_path), "--decisions", str(log_file(tmp_path, *lines))])
    assert "       180  fast → reasoning  r-2" in capsys.readouterr().out


def test_prompts_give_examples_by_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both policies judge them anew."""
    path = tmp_path / "prompts.jsonl"
    prompts = ("hello", "Why is it so? " * 50)
    path.write_text("".join(json.dumps({"prompt": text}) + "\n" for text in prompts))

    assert 0 == run([*documents(tmp_path), "--prompts", str(path), "--examples", "1"])
    assert "fast → reasoning  Why is it so? Why" in capsys.readouterr().out
