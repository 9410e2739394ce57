"""Installing what tiers run on."""

from pathlib import Path

import fake_vllm
import pytest

from extproc.cli import run


def test_a_gpu_gets_the_release_of_pypi(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Into the environment that was named; what is done is told on stderr."""
    folder = fake_vllm.environment(tmp_path / "env", fake_vllm.shell('echo "$@" > "$0.said"'))

    flags = ["--environment", str(folder), "--hardware", "t4"]
    assert 0 == run(["engines", "install", "vllm", *flags])

    assert "vllm==" in (folder / "bin" / "python.said").read_text()
    assert capsys.readouterr().err.startswith("tiergate: installing vLLM")


def test_a_pip_that_fails_ends_it_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As with every command, the last line says what went wrong."""
    folder = fake_vllm.environment(tmp_path / "env", fake_vllm.shell("exit 1"))

    flags = ["--environment", str(folder), "--hardware", "gpu"]
    assert 1 == run(["engines", "install", "vllm", *flags])

    assert "pip install ended with status 1" in capsys.readouterr().err.splitlines()[-1]
