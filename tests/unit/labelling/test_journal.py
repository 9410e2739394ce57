"""A file that only grows."""

from pathlib import Path

import pytest
from msgspec import Struct

from extproc.errors import ConfigError
from extproc.labelling.journal import Journal


class Entry(Struct, frozen=True):
    """What the tests keep."""

    key: str
    value: int


def test_what_was_appended_is_there_again(tmp_path: Path) -> None:
    """In a new process as well; the later of two entries holds."""
    path = tmp_path / "j"
    with Journal(path, Entry) as journal:
        journal.append(Entry("a", 1))
        journal.append(Entry("a", 2))
        assert 2 == len(path.read_bytes().splitlines())
    with Journal(path, Entry) as journal:
        assert {"a": Entry("a", 2)} == journal.entries


def test_what_a_crash_left_is_taken_off(tmp_path: Path) -> None:
    """Half a line is no entry, and the next one starts on a line of its own."""
    path = tmp_path / "j"
    path.write_bytes(b'{"key":"a","value":1}\n{"key":"b","va')
    with Journal(path, Entry) as journal:
        journal.append(Entry("c", 3))

    assert b'{"key":"a","value":1}\n{"key":"c","value":3}\n' == path.read_bytes()


@pytest.mark.parametrize("content", [b'{"key":"a"}\n', b'{"prompt":"a"}\n{"prompt":"b"}'])
def test_a_line_that_is_no_entry_is_named(content: bytes, tmp_path: Path) -> None:
    """And the file stays as it was, also where its last line has no end: it is somebody's."""
    path = tmp_path / "j"
    path.write_bytes(content)

    with pytest.raises(ConfigError, match=r"j:1: "):
        Journal(path, Entry)
    assert content == path.read_bytes()


def test_one_process_at_a_time_writes(tmp_path: Path) -> None:
    """Two would pay for every answer twice."""
    path = tmp_path / "j"
    with Journal(path, Entry), pytest.raises(ConfigError, match="another process"):
        Journal(path, Entry)
