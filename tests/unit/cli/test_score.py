"""Scores of prompts from a file."""

import json
from pathlib import Path
from typing import Any

import pytest

from extproc.cli import run


def score(folder: Path, text: str | bytes) -> int:
    """Run the command over lines."""
    source = folder / "in.jsonl"
    source.write_bytes(text if isinstance(text, bytes) else text.encode())
    return run(["score", "--input", str(source), "--output", str(folder / "out.jsonl")])


def answers(folder: Path) -> list[dict[str, Any]]:
    """What the command wrote."""
    return [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]


def test_every_line_is_answered_in_order(tmp_path: Path) -> None:
    """Prompts and conversations alike; the last line needs no end."""
    lines = [
        {"prompt": "hello"},
        {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "hello"}]},
        {"prompt": "Let f be continuous. Prove that f(x) = f(x + 1/n) for some x in [0, 1]."},
        {"prompt": ""},
        {"prompt": "x" * 9_000, "id": 7},
    ]

    assert 0 == score(tmp_path, "\n".join(map(json.dumps, lines)))
    found = answers(tmp_path)
    assert [{"score", "domain", "coverage"}] * 5 == [set(answer) for answer in found]
    assert "chat" == found[0]["domain"]
    assert found[0]["score"] < found[2]["score"]
    assert 1.0 == found[3]["coverage"] > found[4]["coverage"]


def test_an_empty_file_has_no_answers(tmp_path: Path) -> None:
    """And that is no error."""
    assert 0 == score(tmp_path, "")
    assert [] == answers(tmp_path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "truncated"),
        ("{", "truncated"),
        ("7", "Expected `object`"),
        (b"\xff", "malformed"),
        (b'{"prompt": "\xff"}', "invalid"),
        ('{"messages": [{"x": ' + "[" * 100_000, "recursion"),
        ("{}", "either `prompt` or `messages`"),
        ('{"prompt": "a", "messages": [{"role": "user"}]}', "either `prompt` or `messages`"),
        ('{"prompt": 7}', "Expected `str`"),
        ('{"messages": []}', "length >= 1"),
        ('{"messages": [{"content": "x"}]}', "`role`"),
        ('{"messages": [{"role": "user", "content": 7}]}', "messages[0].content"),
    ],
)
def test_a_bad_line_is_named(
    line: str | bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its number, and nothing is written."""
    bad = line if isinstance(line, bytes) else line.encode()

    assert 2 == score(tmp_path, b'{"prompt": "fine"}\n' + bad + b"\n" + b'{"prompt": "fine"}\n')
    said = capsys.readouterr().err
    assert said.startswith(f"tiergate: {tmp_path}/in.jsonl:2: ")
    assert message in said
    assert ["in.jsonl"] == [path.name for path in tmp_path.iterdir()]


def test_a_bad_line_leaves_the_old_output(tmp_path: Path) -> None:
    """A later run that fails takes nothing away."""
    score(tmp_path, '{"prompt": "a"}')
    before = answers(tmp_path)

    assert 2 == score(tmp_path, "{")
    assert before == answers(tmp_path)


def test_a_missing_input_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As any file that a command cannot read."""
    assert 1 == run(["score", "--input", str(tmp_path / "no"), "--output", str(tmp_path / "out")])
    assert "No such file" in capsys.readouterr().err


def test_a_damaged_artifact_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is scored."""
    path = tmp_path / "artifact.bin"
    path.write_bytes(b"no")
    arguments = ["--input", str(path), "--output", str(tmp_path / "out")]

    assert 2 == run(["score", *arguments, "--artifact", str(path)])
    assert "the artifact is damaged" in capsys.readouterr().err
