"""`tiergate label` in one process, with tiers and a judge on real sockets."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from model_server import ModelServer, model_server

from extproc.cli import run
from extproc.labelling.journal import Journal
from extproc.labelling.run import Label
from extproc.training.own import FEWEST, load


def says(body: Mapping[str, Any]) -> str:
    """Tiers say how large they are, the judge likes the second answer."""
    return "[[B]]" if body["model"] == "judge" else body["model"]


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    """Both tiers and the judge."""
    with model_server(says) as running:
        yield running


def label(folder: Path, url: str, *more: str, many: int = 3) -> int:
    """Run the command over so many prompts."""
    prompts = folder / "prompts.jsonl"
    lines = ({"prompt": f"why {n}?", "reference": "large"} for n in range(many))
    prompts.write_text("".join(json.dumps(line) + "\n" for line in lines))
    arguments = ["--prompts", str(prompts), "--output", str(folder / "own.jsonl")]
    where = ["--gateway", url, "--models", "small", "large", "--rate", "10000"]
    return run(["label", *arguments, *where, *more])


def labels(folder: Path) -> set[tuple[float, float]]:
    """The grades on the disk."""
    with Journal(folder / "own.jsonl", Label) as journal:
        return {(one.fast, one.reasoning) for one in journal.entries.values()}


def test_labels_are_what_calibrate_takes(
    tmp_path: Path, server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """The estimate is said before, the sum after."""
    assert 0 == label(tmp_path, server.url, "--by", "exact", "--yes", many=FEWEST)
    said = capsys.readouterr().err
    assert "50 prompts, 0 of them labelled" in said
    assert "at least 0.0 minutes" in said
    assert "50 labelled, 0 skipped, 0 failed, 0 left" in said
    assert FEWEST == len(load(tmp_path / "own.jsonl").conversations)


def test_a_second_run_has_nothing_to_do(
    tmp_path: Path, server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """And asks nobody."""
    label(tmp_path, server.url, "--by", "exact", "--yes")
    asked = len(server.bodies)

    assert 0 == label(tmp_path, server.url, "--by", "exact")
    assert asked == len(server.bodies)
    assert "3 prompts, 3 of them labelled" in capsys.readouterr().err


def test_a_judge_is_asked_about_each_pair(
    tmp_path: Path, server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its price is part of the estimate."""
    judge = (
        "--judge",
        f"{server.url}/v1",
        "--judge-model",
        "judge",
        "--price",
        "judge",
        "1e6",
        "0",
    )

    assert 0 == label(tmp_path, server.url, "--by", "judge", *judge, "--limit", "2", "--yes")
    assert {(0.5, 0.5)} == labels(tmp_path)
    assert "judge            4 requests" in capsys.readouterr().err


def test_some_that_are_left_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the status of work that is not done."""
    with model_server(lambda _: (400, "no")) as broken:
        assert 1 == label(tmp_path, broken.url, "--by", "exact", "--yes")
    assert "0 labelled, 0 skipped, 3 failed, 3 left" in capsys.readouterr().err


def test_a_tier_that_always_fails_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After a few prompts, not after all."""
    with model_server(lambda _: (401, "who are you?")) as broken:
        assert 1 == label(tmp_path, broken.url, "--by", "exact", "--yes", many=30)
    said = capsys.readouterr().err
    assert "status 401: who are you?" in said
    assert len(broken.bodies) < 30


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--by", "judge"), "--by judge needs --judge"),
        (("--by", "exact", "--price", "fast", "x", "1"), "--price: 'x' is not a number from 0"),
        (("--by", "exact", "--price", "fast", "nan", "1"), "--price: 'nan' is not a number"),
        (("--by", "hand"), "--by hand needs a terminal"),
        (("--by", "exact", "--price", "slow", "1", "1"), "--price: expected one of fast"),
    ],
)
def test_a_bad_command_line_is_named(
    more: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anybody is asked."""
    assert 2 == label(tmp_path, "http://127.0.0.1:1", *more)
    assert message in capsys.readouterr().err


def test_prompts_without_a_reference_cost_nothing(
    tmp_path: Path, server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where that is what they would be graded by: no tier is asked about them."""
    more = tmp_path / "more.jsonl"
    more.write_text('{"prompt":"a"}\n{"prompt":"b","reference":"large"}\n')
    asked = len(server.bodies)

    assert 0 == label(tmp_path, server.url, "--by", "exact", "--yes", "--prompts", str(more))
    assert asked + 2 == len(server.bodies)
    assert "1 prompts without a reference left out" in capsys.readouterr().err


def test_no_reference_at_all_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anybody is asked."""
    more = tmp_path / "more.jsonl"
    more.write_text('{"prompt":"a"}\n')

    assert 2 == label(tmp_path, "http://127.0.0.1:1", "--by", "exact", "--prompts", str(more))
    assert "no prompt has a `reference`" in capsys.readouterr().err


def test_a_script_must_say_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where there is no terminal to ask at."""
    with Path("/dev/null").open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        assert 2 == label(tmp_path, "http://127.0.0.1:1", "--by", "exact")
    assert "say --yes" in capsys.readouterr().err


def test_a_decision_log_is_a_source(tmp_path: Path, server: ModelServer) -> None:
    """Where it holds prompts."""
    log = tmp_path / "decisions.jsonl"
    log.write_text('{"kind":"decision","messages":[{"role":"user","content":"why?"}]}\n{}\n')
    where = ["--gateway", server.url, "--models", "small", "large", "--rate", "10000"]
    judge = ["--by", "judge", "--judge", f"{server.url}/v1", "--judge-model", "judge", "--yes"]
    output = ["--output", str(tmp_path / "own.jsonl")]

    assert 0 == run(["label", "--decisions", str(log), *output, *where, *judge])
    assert {(0.5, 0.5)} == labels(tmp_path)
