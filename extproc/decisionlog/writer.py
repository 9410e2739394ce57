"""A thread that writes lines, so that no request waits for a disk.

Where the disk is slower than the traffic, lines that do not fit the buffer are dropped; where it
is full they fail; both are counted, and neither is ever felt by a request.
"""

import threading
from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter

from extproc.decisionlog.files import Files

BUFFER: Final = 8 << 20
"""Bytes that may wait for the disk."""
INTERVAL: Final = 0.5
"""Seconds between two writes."""


class Writer:
    """Counts into `registry` as `tiergate_decision_log_lines_total`."""

    def __init__(
        self, registry: CollectorRegistry, *, buffer: int = BUFFER, interval: float = INTERVAL
    ) -> None:
        self._most = buffer
        self._interval = interval
        self._lines: list[bytes] = []
        self._size = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        counter = Counter(
            "tiergate_decision_log_lines",
            "Lines of the decision log: written, dropped (the disk is slow), failed (it is full).",
            ("result",),
            registry=registry,
        )
        self._written, self._dropped, self._failed = map(
            counter.labels, ("written", "dropped", "failed")
        )

    def put(self, line: bytes) -> None:
        """Take a line, its end included; it waits for nothing."""
        with self._lock:
            if self._size + len(line) > self._most:
                self._dropped.inc()
                return
            self._lines.append(line)
            self._size += len(line)

    def start(self, opened: Callable[[], Files]) -> None:
        """Begin to write; where the files cannot be had, it is tried again with the next lines."""
        self._thread = threading.Thread(
            target=self._run, args=(opened,), name="decision-log", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Write what is there, and end."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, opened: Callable[[], Files]) -> None:
        files: Files | None = None
        going_on = True
        while going_on:
            going_on = not self._stopping.wait(self._interval)
            files = self._flush(files, opened)
        if files is not None:
            files.close()

    def _flush(self, files: Files | None, opened: Callable[[], Files]) -> Files | None:
        with self._lock:
            lines, self._lines, self._size = self._lines, [], 0
        if not lines:
            return files
        try:
            files = files or opened()
            files.write(b"".join(lines))
        except OSError:
            self._failed.inc(len(lines))
        else:
            self._written.inc(len(lines))
        return files
