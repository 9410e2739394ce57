"""Real processes for tests: started on free ports, spoken to by signals, always ended."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PYTHON = sys.executable
OWN_PORTS = range(12_000, 32_000)
POLL = threading.Event()
"""Never set: waiting on it is how tests pause between two looks at a condition."""


def until(condition: Callable[[], bool], *, seconds: float = 15.0, what: str = "it") -> None:
    """Wait until `condition` holds; AssertionError where it never does."""
    for _ in range(int(seconds / 0.05)):
        if condition():
            return
        POLL.wait(0.05)
    raise AssertionError(f"waited {seconds} s for {what}")


def free_port() -> int:
    """A TCP port of this machine's that nobody listened on a moment ago.

    Linux gives it to nobody who asks for any port, so that no other test has it meanwhile.
    """
    for port in random.SystemRandom().sample(OWN_PORTS, 100):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("a hundred ports are taken")


class Running:
    """A child process of a test; its stderr goes to a file that a failing test can show."""

    def __init__(self, argv: Sequence[str | Path], log: Path, **environment: str) -> None:
        self.log = log
        with log.open("wb") as stderr:
            self.process = subprocess.Popen(
                [str(word) for word in argv],
                stdout=subprocess.PIPE,
                stderr=stderr,
                env={**os.environ, **environment},
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.end()

    def ready(self) -> dict[str, Any]:
        """The JSON object on the first line of its stdout."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"ended before it was ready: {self.errors()}"
        said: dict[str, Any] = json.loads(line)
        return said

    def errors(self) -> str:
        """All that it wrote to stderr so far."""
        return self.log.read_text(errors="replace")

    def send(self, number: signal.Signals) -> None:
        """One signal to the process itself; none where it has ended."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    def wait(self, seconds: float = 15.0) -> int:
        """Its exit status."""
        return self.process.wait(seconds)

    def end(self) -> None:
        """Ask, then force; a paused process is woken first."""
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        try:
            self.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
