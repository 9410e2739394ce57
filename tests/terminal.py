"""A program on a terminal of its own: what a person sees, and the keys that a person presses."""

import contextlib
import os
import pty
import select
import subprocess
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from processes import PYTHON

CTRL_C = b"\x03"
_LOGIN = "import os, sys; os.login_tty(0); os.execv(sys.argv[1], sys.argv[1:])"
"""Makes stdin the terminal of a new session, then becomes the program."""


class Terminal:
    """The program runs until the end of the context; `screen` is all that it has shown."""

    def __init__(self, argv: Sequence[str]) -> None:
        self._keyboard, terminal = pty.openpty()
        self.process = subprocess.Popen(
            [PYTHON, "-c", _LOGIN, *argv], stdin=terminal, stdout=terminal, stderr=terminal
        )
        os.close(terminal)
        self.screen = ""

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self._keyboard, keys)

    def until(self, text: str, seconds: float = 20.0) -> str:
        """Wait until `text` is on the screen; the screen."""
        end = time.monotonic() + seconds
        while text not in self.screen:
            left = end - time.monotonic()
            assert left > 0, f"no {text!r} on the screen:\n{self.screen}"
            if select.select([self._keyboard], [], [], left)[0]:
                self.screen += self._read()
        return self.screen

    def wait(self, seconds: float = 15.0) -> int:
        """The program's status, with everything that it showed read."""
        with contextlib.suppress(OSError):  # how Linux says that nobody is at the other end
            while select.select([self._keyboard], [], [], seconds)[0]:
                self.screen += self._read()
        return self.process.wait(seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.wait()
        os.close(self._keyboard)

    def _read(self) -> str:
        return os.read(self._keyboard, 65536).decode().replace("\r\n", "\n")
