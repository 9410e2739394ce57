"""Running the whole gateway: what is refused before anything is started."""

import socket
from pathlib import Path

import pytest
from documents import document_file

from extproc.cli import run


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"default_tier": "medium"}, "$.default_tier: no tier is called 'medium'"),
        ({"policy": {"fixed": "medium"}}, "$.policy.fixed: no tier is called 'medium'"),
        ({"gateway": {"listen": "localhost:0"}}, "localhost:0"),
    ],
    ids=["document", "policy", "envoys"],
)
def test_the_config_is_checked_first(
    sections: dict[str, object],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong document ends it with 2 and one line."""
    file = document_file(tmp_path, **sections)

    assert 2 == run(["up", "--config", str(file), "--engine", "none", "--admin", "127.0.0.1:0"])
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("flag", ["--gateway", "--admin"])
def test_a_taken_address_ends_it(
    flag: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With 1 and one line, before the first child."""
    free = {"--gateway": "127.0.0.1:0", "--admin": "127.0.0.1:0"}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        flags = [word for pair in {**free, flag: address}.items() for word in pair]

        assert 1 == run(["up", "--config", str(document_file(tmp_path)), *flags])

    expected = f"tiergate: cannot listen on {address}: Address already in use\n"
    assert expected == capsys.readouterr().err


def test_without_vllm_no_real_tier_is_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says how to get it, before the first child."""
    flags = ["--engine", "vllm", "--environment", str(tmp_path / "none")]

    assert 1 == run(["up", "--config", str(document_file(tmp_path)), *flags])
    expected = f"tiergate: there is no vLLM in {tmp_path / 'none'}: tiergate engines install vllm\n"
    assert expected == capsys.readouterr().err
