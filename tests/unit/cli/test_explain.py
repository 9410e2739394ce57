"""How a request would be decided."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from builders import FAST_MODEL, chat
from documents import document_file

from extproc.cli import run

SCORED = {
    "threshold": {
        "at": 0.5,
        "above": "reasoning",
        "below": "fast",
        "weights": {"code": {"weight": 0.6}, "turns": {"weight": -0.1, "full_at": 2}},
    }
}
TABLE = """\
tier      reasoning
reason    score_above, score 0.550
policy    threshold
coverage  1.00

signal                           value     share
code                                 1    +0.600
images                               0
mathematics                          0
prompt_tokens                     1.75
structured_output                    0
tool_loop                            0
tool_results                         0
tools                                0
turns                                1    -0.050
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A config that scores."""
    return str(document_file(tmp_path, policy=SCORED))


def body_file(folder: Path, body: bytes) -> str:
    """A body as a client would send it."""
    path = folder / "request.json"
    path.write_bytes(body)
    return str(path)


def test_a_decision_is_shown_with_its_shares(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each signal with its value, and what it added to the score."""
    assert 0 == run(["explain", "--config", file, body_file(tmp_path, chat("```x```"))])
    assert TABLE == capsys.readouterr().out


def test_a_decision_can_be_json(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One object for scripts."""
    body = body_file(tmp_path, chat("```x```"))

    assert 0 == run(["explain", "--config", file, "--json", body])
    said = json.loads(capsys.readouterr().out)
    assert ("reasoning", "score_above", 0.6) == (
        said["tier"],
        said["reason"],
        said["shares"]["code"],
    )
    assert said["failure"] is None


@pytest.mark.parametrize(
    ("body", "flags", "lines"),
    [
        (chat(model=FAST_MODEL), [], ["reason    requested_model", "policy    -", "coverage  -"]),
        (chat(), ["--prefer", "fast"], ["reason    client_preference"]),
        (b'{"model":"auto","prompt":"x"}', ["--path", "/v1/completions"], ["tier      fast"]),
    ],
    ids=["pinned", "wish", "api"],
)
def test_what_the_client_settles_is_explained_too(
    body: bytes,
    flags: list[str],
    lines: list[str],
    file: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By the model's name, by the header, and by any path."""
    request = body_file(Path(file).parent, body)

    assert 0 == run(["explain", "--config", file, *flags, request])
    assert set(lines) <= set(capsys.readouterr().out.splitlines())


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], "failure   RuntimeError('hello')"),
        (["--json"], '"failure":"RuntimeError(\'hello\')"'),
    ],
    ids=["table", "json"],
)
def test_a_failure_is_shown_whole(
    flags: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Here the operator's own text is at stake, so the error's message may be seen."""
    file = document_file(tmp_path, policy={"acme:Broken": {}})

    assert 0 == run(["explain", "--config", str(file), *flags, body_file(tmp_path, chat())])
    assert expected in capsys.readouterr().out


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (chat(model="x"), "refused with 404: The model `x` does not exist. (model)\n"),
        (b"", "refused with 400: The request has no body; a JSON object is needed.\n"),
    ],
    ids=["field", "body"],
)
def test_a_refusal_ends_with_1(
    body: bytes, expected: str, file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the status that a client would get, on stderr."""
    assert 1 == run(["explain", "--config", file, body_file(tmp_path, body)])
    assert ("", expected) == capsys.readouterr()


def test_a_body_may_come_from_stdin(file: str) -> None:
    """`-` stands for it."""
    argv = [sys.executable, "-m", "extproc", "explain", "--config", file, "-"]

    done = subprocess.run(argv, input=chat("```x```"), capture_output=True, check=True)

    assert TABLE == done.stdout.decode()
