"""Running one simulated replica."""

import socket

import pytest

from extproc.cli import run

NAMED = ["sim", "--served-model-name", "auto"]


def test_what_it_cannot_be_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    """The simulator's own words on stderr."""
    assert 2 == run([*NAMED, "--max-num-seqs", "0"])
    assert capsys.readouterr().err.startswith("tiergate sim: ")


def test_a_taken_port_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    """As with every command."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert 1 == run([*NAMED, "--port", str(taken.getsockname()[1])])

    assert "cannot listen" in capsys.readouterr().err
