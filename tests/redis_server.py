"""A real Redis for tests: started on a free port, killed, paused, slowed, filled, restarted."""

import shutil
import signal
import socket
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from processes import POLL, free_port, until

PROGRAM = shutil.which("redis-server")
needs_redis = pytest.mark.skipif(PROGRAM is None, reason="redis-server is not on PATH: not checked")


class RedisServer:
    """One server that keeps nothing on disk. Its address stays the same when it is started again;
    `password` is asked for where there is one.
    """

    def __init__(self, folder: Path, *, password: str = "", **settings: str) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._password = password
        named = {"requirepass": password} if password else {}
        self._settings = {"save": "", "appendonly": "no", **named, **settings}
        self._log = folder / f"redis-{self.port}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.resume()
        self.kill()

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        assert PROGRAM is not None, "redis-server is not on PATH"
        words = [word for key, value in self._settings.items() for word in (f"--{key}", value)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "--port", str(self.port), "--bind", "127.0.0.1", *words],
                stdout=log,
                stderr=log,
            )
        until(self.answers, what="Redis")

    def kill(self) -> None:
        """End it at once; what it held is lost."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def pause(self) -> None:
        """Let it take connections and answer nothing."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._send(signal.SIGCONT)

    def answers(self) -> bool:
        """Whether it says PONG, or that it wants a password."""
        try:
            return bool(self.said("PING"))
        except OSError:
            return False

    def said(self, *words: str) -> str:
        """The raw answer to one command, as far as it comes in one piece."""
        lines = [f"*{len(words)}", *(part for word in words for part in (f"${len(word)}", word))]
        with socket.create_connection(("127.0.0.1", self.port), timeout=2.0) as connection:
            if self._password and words[0] != "PING":
                connection.sendall(f"AUTH {self._password}\r\n".encode())
                connection.recv(64)
            connection.sendall("\r\n".join([*lines, ""]).encode())
            return connection.recv(1 << 16).decode()

    def keys(self, pattern: str) -> frozenset[str]:
        """The names of all keys that match, without the pattern's text before its first star."""
        assert PROGRAM is not None
        words = ["redis-cli", "-p", str(self.port), "--no-auth-warning", "--scan", "--pattern"]
        found = subprocess.run([*words, pattern], capture_output=True, text=True, check=True)
        prefix = pattern.partition("*")[0]
        return frozenset(line.removeprefix(prefix) for line in found.stdout.split())

    def _send(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            POLL.wait(0.01)
