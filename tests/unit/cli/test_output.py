"""Files that are whole or not there."""

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
