"""A file that only grows: one JSON object a line, on the disk before the next step is taken."""

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

import msgspec

from extproc.errors import ConfigError
from extproc.request.lines import decode, split


class Keyed(Protocol):
    """What a journal holds."""

    @property
    def key(self) -> str:
        """Which task it is about."""


K = TypeVar("K", bound=Keyed)


class Journal(Generic[K]):
    """The entries of a file by their keys, and more of them.

    A last line without its end is what a crash left, and is taken off. ConfigError where another
    process writes the file, or where a line is not an entry.
    """

    def __init__(self, path: Path, kind: type[K]) -> None:
        self._path = path
        self._file = path.open("a+b")
        try:
            self._lock()
            self._entries = self._read(kind)
        except ConfigError:
            self._file.close()
            raise

    @property
    def entries(self) -> Mapping[str, K]:
        """All entries, the later of two with one key."""
        return self._entries

    def append(self, entry: K) -> None:
        """Write an entry; it survives a crash once this returns."""
        self._file.write(msgspec.json.encode(entry) + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._entries[entry.key] = entry

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._file.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigError(f"{self._path}: another process writes it") from error

    def _read(self, kind: type[K]) -> dict[str, K]:
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        found: dict[str, K] = {}
        for number, line in enumerate(split(content[:whole]), 1):
            entry = decode(line, kind, f"{self._path}:{number}")
            found[entry.key] = entry
        if whole < len(content):  # only now is it known to be a journal, and not a file to spare
            self._file.truncate(whole)
        return found
