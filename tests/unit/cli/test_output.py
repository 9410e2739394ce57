"""Files that are whole or not there."""

import os
from pathlib import Path

import pytest

from extproc.cli.output import replace_file


def test_a_file_is_put_in_place(tmp_path: Path) -> None:
    """Readable by others, as any file that a command makes, with nothing left beside it."""
    path = tmp_path / "out"
    path.write_bytes(b"old")
    replace_file(path, b"new")

    assert b"new" == path.read_bytes()
    assert 0o644 == path.stat().st_mode & 0o777
    assert [path] == list(tmp_path.iterdir())


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    """A folder stands in its place."""
    path = tmp_path / "out"
    path.mkdir()

    with pytest.raises(OSError, match="out"):
        replace_file(path, b"new")
    assert [path] == list(tmp_path.iterdir())


def test_a_name_that_cannot_be_had_leaves_nothing_behind(tmp_path: Path) -> None:
    """Too long, say; the message has the name that was given."""
    path = tmp_path / ("x" * 250)

    with pytest.raises(OSError, match=f"cannot write {path}"):
        replace_file(path, b"new")
    assert [] == list(tmp_path.iterdir())


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What it points to is replaced."""
    link, path = tmp_path / "link", tmp_path / "out"
    link.symlink_to(path)
    replace_file(link, b"new")

    assert link.is_symlink()
    assert b"new" == path.read_bytes()


def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    """A pipe, a terminal or a device must never be replaced by a file: root could."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    replace_file(pipe, b"new")

    assert b"new" == os.read(reader, 10)
    assert pipe.is_fifo()
    os.close(reader)
