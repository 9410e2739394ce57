"""The files that one process writes: bounded in size and in number.

    decisions-0.jsonl       the first process to come writes here, the next to decisions-1.jsonl, …
    decisions-0.jsonl.1     what it wrote before, up to `.<files - 1>`; older lines are gone

A lock says which are taken, so that workers and a router that was started again share a folder.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

STEM: Final = "decisions"
_MOST: Final = 256
"""Processes that may write to one folder."""


class Files:
    """Whole lines to the first free file of a folder. OSError where there is none, and from `write`
    where the disk takes no more; what it took of a line is then ended by the next write.
    """

    def __init__(self, folder: Path, *, max_bytes: int, files: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._max_bytes = max_bytes
        self._files = files
        self._torn = False
        self.path, self._descriptor = _free(folder)

    def write(self, lines: bytes) -> None:
        """Append; a file that would get over its size is put away first."""
        size = os.fstat(self._descriptor).st_size
        if size and size + len(lines) > self._max_bytes:
            self._rotate()
        if self._torn:
            lines = b"\n" + lines
        self._torn = True
        while lines:
            lines = lines[os.write(self._descriptor, lines) :]
        self._torn = False

    def close(self) -> None:
        """Another process may take the file."""
        os.close(self._descriptor)

    def _rotate(self) -> None:
        """The lock stays on the old file until the new one is had."""
        names = [self.path, *(_older(self.path, number) for number in range(1, self._files))]
        for old, older in reversed(list(pairwise(names))):
            if old.exists():
                old.replace(older)
        if self._files == 1:
            self.path.unlink()
        descriptor = _locked(self.path)
        os.close(self._descriptor)
        self._descriptor = descriptor


def written(folder: Path) -> list[Path]:
    """Every file of a folder, in no order: lines have times."""
    return sorted(folder.glob(f"{STEM}-*.jsonl*"))


def _free(folder: Path) -> tuple[Path, int]:
    for path in _names(folder):
        with contextlib.suppress(BlockingIOError):
            return path, _locked(path)
    raise OSError(f"{folder}: {_MOST} processes write there already")


def _names(folder: Path) -> Iterator[Path]:
    return (folder / f"{STEM}-{number}.jsonl" for number in range(_MOST))


def _locked(path: Path) -> int:
    """A descriptor to append with, which nobody but owner and group may read; BlockingIOError where
    another process has it.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    return descriptor


def _older(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")
