"""Running the router."""

import contextlib
import json
import os
import signal
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from documents import document_file
from processes import free_port, until

from extproc.cli import run


@pytest.fixture(autouse=True)
def _logging_undone() -> Iterator[None]:
    """Events go to the stderr of a test that has ended otherwise."""
    yield
    structlog.reset_defaults()


@contextlib.contextmanager
def ended_when_ready(port: int) -> Iterator[None]:
    """Meanwhile a thread sends this process SIGTERM once the page for operators says ready."""

    def ready() -> bool:
        with contextlib.suppress(OSError):
            return bool(urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz").status == 200)
        return False

    def end() -> None:
        until(ready)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=end)
    thread.start()
    yield
    thread.join()


def test_it_serves_until_it_is_told_to_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line on stdout says where; given addresses replace the config's."""
    file, port = document_file(tmp_path), free_port()
    argv = ["serve", "--config", str(file), "--listen", "127.0.0.1:0", "--drain", "0"]

    with ended_when_ready(port):
        assert 0 == run([*argv, "--services", "127.0.0.1:0", "--admin", f"127.0.0.1:{port}"])

    out, err = capsys.readouterr()
    said = json.loads(out)
    assert ("ready", f"http://127.0.0.1:{port}") == (said["event"], said["admin"])
    assert ["config_loaded"] == [json.loads(line)["event"] for line in err.splitlines()]


def test_the_config_is_checked_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong policy never listens."""
    file = document_file(tmp_path, policy={"fixed": "medium"})

    assert 2 == run(["serve", "--config", str(file)])
    assert "$.policy.fixed: no tier is called 'medium'" in capsys.readouterr().err


@pytest.mark.parametrize("flag", ["--listen", "--admin"])
def test_an_address_is_checked_before_that(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A bare port is no address."""
    with pytest.raises(SystemExit) as caught:
        run(["serve", flag, "8080"])

    assert 2 == caught.value.code
    assert f"argument {flag}: '8080' is not HOST:PORT" in capsys.readouterr().err
