"""Making a small model."""

import hashlib
from pathlib import Path

import fake_vllm
import pytest

from extproc.cli import run
from extproc.engines.vllm.model import CONVERTER, RECIPES


def made(folder: Path, environment: Path) -> int:
    """The status of making the small model in `folder`."""
    where = ["--output", str(folder), "--environment", str(environment)]
    return run(["model", "make", "smollm2", *where])


def test_vllm_comes_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its environment does the work."""
    assert 1 == made(tmp_path / "out", tmp_path / "none")
    assert capsys.readouterr().err.endswith("tiergate engines install vllm\n")


def test_a_download_that_fails_ends_it_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And leaves no folder."""
    environment = fake_vllm.environment(tmp_path / "env", fake_vllm.shell("exit 1"))

    assert 1 == made(tmp_path / "out", environment)
    assert "pip download ended with status 1" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_model_that_is_there_is_not_made_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder says what it was made of, and by which converter."""
    environment = fake_vllm.environment(tmp_path / "env", fake_vllm.shell("exit 1"))
    folder = fake_vllm.weights(tmp_path / "out")
    converter = hashlib.sha256(CONVERTER.read_bytes()).hexdigest()
    (folder / "tiergate.source").write_text(f"{RECIPES['smollm2'].sha256} {converter}")

    assert 0 == made(folder, environment)
    assert f"tiergate: the model is in {folder}\n" == capsys.readouterr().err


def test_another_folder_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody else's folder is not touched, and that is said."""
    environment = fake_vllm.environment(tmp_path / "env", fake_vllm.shell("true"))

    assert 1 == made(fake_vllm.weights(tmp_path / "out"), environment)
    assert "exists and holds something else" in capsys.readouterr().err
