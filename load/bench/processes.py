"""The processes that are measured: started, paused, counted, and ended with all they started."""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

ROOT: Final = Path(__file__).resolve().parents[2]
"""Where `load` and `extproc` are found."""
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_UTIME, _CUTIME_END = 11, 15
"""Where user, system, children's user and children's system time stand in `stat`, past its name."""
_RESIDENT: Final = 21
_PAUSE: Final = threading.Event()
"""Never set: waiting on it is how two looks at a condition are kept apart."""


class Service:
    """A child process with a group and a log file of its own."""

    def __init__(
        self, name: str, argv: Sequence[str | Path], folder: Path, **environment: str
    ) -> None:
        self.name = name
        self._log = folder / f"{name}.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(word) for word in argv],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, **environment},
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.resume()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def line(self) -> str:
        """The next line of its stdout; RuntimeError where it has ended."""
        assert self.process.stdout is not None  # noqa: S101 - a pipe, above
        line = self.process.stdout.readline().decode()
        if not line:
            raise RuntimeError(f"{self.name} has ended:\n{self.log()}")
        return line

    def said(self) -> dict[str, Any]:
        """The next line of its stdout as JSON."""
        read: dict[str, Any] = json.loads(self.line())
        return read

    def tell(self, line: str) -> None:
        """Write a line to its stdin."""
        assert self.process.stdin is not None  # noqa: S101 - a pipe, above
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def log(self) -> str:
        """The end of what it wrote to stderr."""
        return self._log.read_text(errors="replace")[-2000:]

    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def pause(self) -> None:
        """Stop it where it is, so that it does not disturb what is measured."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on; one that has ended stays so."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGCONT)

    def cpu(self) -> float:
        """Seconds of CPU that it and its descendants have used."""
        return sum(map(_cpu, family(self.process.pid)))

    def resident(self) -> float:
        """Megabytes of it and of its descendants; what they share counts for each."""
        pages = sum(int(_stat(pid)[_RESIDENT]) for pid in family(self.process.pid))
        return pages * _PAGE / 1e6


def family(pid: int) -> list[int]:
    """A process and all of its living descendants; without those that end meanwhile."""
    found = [pid]
    for number in found:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for task in Path(f"/proc/{number}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def busy() -> float:
    """Seconds of CPU that the whole machine has used: everything but idle and waiting for disks."""
    first = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    user, nice, system, _, _, *interrupts = map(int, first)
    return (user + nice + system + sum(interrupts)) / _TICKS


def until(condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Wait until `condition` holds; TimeoutError where it never does."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        _PAUSE.wait(0.05)


def rest(seconds: float) -> None:
    """Let the machine settle."""
    _PAUSE.wait(seconds)


def answers(url: str) -> bool:
    """Whether a GET is answered with 2xx."""
    try:
        urllib.request.urlopen(url, timeout=2).close()  # noqa: S310 - loopback
    except OSError:
        return False
    return True


@contextlib.contextmanager
def running_only(wanted: Sequence[Service], others: Sequence[Service]) -> Iterator[None]:
    """Pause `others`, and never one of `wanted`."""
    paused = [service for service in others if service not in wanted]
    for service in paused:
        service.pause()
    try:
        yield
    finally:
        for service in paused:
            service.resume()


def spent(before: Mapping[str, float], services: Sequence[Service]) -> dict[str, float]:
    """Seconds of CPU of each service since `before`."""
    return {service.name: service.cpu() - before[service.name] for service in services}


def _stat(pid: int) -> list[str]:
    """The fields of `/proc/PID/stat` past the name, which may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _cpu(pid: int) -> float:
    try:
        return sum(map(int, _stat(pid)[_UTIME:_CUTIME_END])) / _TICKS
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
