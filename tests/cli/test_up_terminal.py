"""`tiergate up` for people: steps, a line to paste, and a line for each request."""

import contextlib
import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from commands import ANY, TIERGATE, alive, children
from terminal import CTRL_C, Terminal


@contextlib.contextmanager
def _started() -> Iterator[Terminal]:
    """A stack with the config that ships, started by a person, once it is ready."""
    with Terminal((*TIERGATE, "up", "--gateway", ANY, "--admin", ANY)) as terminal:
        terminal.until("Ctrl-C ends it.")
        yield terminal


@pytest.fixture(scope="module")
def terminal() -> Iterator[Terminal]:
    """For the tests that leave it running."""
    with _started() as started:
        yield started


@pytest.fixture
def own_terminal() -> Iterator[Terminal]:
    """For a test that ends it."""
    with _started() as started:
        yield started


def test_person_sees_the_steps_and_where_to_go(terminal: Terminal) -> None:
    """Each part is named as it comes up, then the address, in plain words and not in JSON."""
    steps = re.findall(
        r"^  (\S+) (?:answers|decides|listens) at \S+", terminal.screen, re.MULTILINE
    )

    assert {"fast-0", "reasoning-0", "router", "envoy"} == set(steps)
    assert re.search(r"^Ready: http://127\.0\.0\.1:\d+ ", terminal.screen, re.MULTILINE)
    assert "{" not in terminal.screen.partition("curl")[0]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_pasted_line_works_and_is_commented_on(terminal: Terminal) -> None:
    """The curl command that is shown gets an answer, and a line says who gave it and why."""
    command = terminal.screen[terminal.screen.index("curl ") : terminal.screen.index("Ctrl-C")]
    pasted = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True)
    shown = terminal.until("/v1/chat/completions\n").splitlines()[-1]
    (decided,) = re.findall(r"^x-tiergate-tier: (\S+)", pasted.stdout, re.MULTILINE)

    assert pasted.stdout.startswith("HTTP/1.1 200 OK")
    assert re.fullmatch(rf" +200 +\d+ ms  {decided} +score_\w+ [\d.]+ +/v1/chat/completions", shown)


def test_ctrl_c_ends_all_of_it(own_terminal: Terminal) -> None:
    """The key reaches every part once, through the stack, and no traceback is shown."""
    parts = children(own_terminal.process.pid)
    own_terminal.press(CTRL_C)
    status = own_terminal.wait()

    assert 0 == status
    assert [] == alive(parts)
    assert "Traceback" not in own_terminal.screen
