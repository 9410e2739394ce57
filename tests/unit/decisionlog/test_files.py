"""The files that one process writes."""

from pathlib import Path

import pytest

from extproc.decisionlog.files import Files, written


def files(folder: Path, *, max_bytes: int = 10, keep: int = 3) -> Files:
    """So many small files."""
    return Files(folder, max_bytes=max_bytes, files=keep)


def contents(folder: Path) -> dict[str, bytes]:
    """What is on the disk."""
    return {path.name: path.read_bytes() for path in written(folder)}


def test_the_folder_is_made(tmp_path: Path) -> None:
    """Where it is not there; others may not read what is in it."""
    made = files(tmp_path / "a" / "b")
    made.write(b"one\n")
    made.close()

    assert {"decisions-0.jsonl": b"one\n"} == contents(tmp_path / "a" / "b")
    assert 0o640 == made.path.stat().st_mode & 0o777


def test_old_files_are_put_away_and_the_oldest_is_gone(tmp_path: Path) -> None:
    """So that a folder stays within its bound."""
    made = files(tmp_path)
    for line in (b"first\n", b"second\n", b"third\n", b"4\n", b"fifth\n"):
        made.write(line)
    made.close()

    assert {
        "decisions-0.jsonl": b"fifth\n",
        "decisions-0.jsonl.1": b"third\n4\n",
        "decisions-0.jsonl.2": b"second\n",
    } == contents(tmp_path)


def test_one_file_begins_anew(tmp_path: Path) -> None:
    """Where nothing older is to be kept; one line may be over the bound."""
    made = files(tmp_path, keep=1)
    made.write(b"first\n")
    made.write(b"a long second\n")
    made.close()

    assert {"decisions-0.jsonl": b"a long second\n"} == contents(tmp_path)


def test_each_process_has_a_file(tmp_path: Path) -> None:
    """Also after it put one away; what one left the next goes on with."""
    first, second = files(tmp_path), files(tmp_path)
    first.write(b"first\n")
    first.write(b"second\n")
    third = files(tmp_path)
    first.close()
    fourth = files(tmp_path, max_bytes=100)
    fourth.write(b"4th\n")

    assert ["decisions-0.jsonl", "decisions-1.jsonl", "decisions-2.jsonl"] == [
        made.path.name for made in (fourth, second, third)
    ]
    assert b"second\n4th\n" == fourth.path.read_bytes()
    for made in (second, third, fourth):
        made.close()


def test_a_folder_has_room_for_so_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says when it has none."""
    monkeypatch.setattr("extproc.decisionlog.files._MOST", 1)
    first = files(tmp_path)

    with pytest.raises(OSError, match="1 processes write there already"):
        files(tmp_path)
    first.close()


def test_a_file_that_another_process_takes_meanwhile_is_left_to_it(tmp_path: Path) -> None:
    """Between putting the old one away and having the new one."""
    made, other = files(tmp_path, keep=2), files(tmp_path)
    made.write(b"a first line\n")
    other.write(b"other\n")
    made.path = other.path
    (tmp_path / "decisions-1.jsonl.1").mkdir()

    with pytest.raises(OSError, match="directory"):
        made.write(b"second\n")
    made.close()
    other.close()


def test_a_full_disk_is_said_and_the_next_line_is_whole(tmp_path: Path) -> None:
    """What it took of a line is no line, so the next one begins on its own."""
    (tmp_path / "decisions-0.jsonl").symlink_to("/dev/full")
    made = files(tmp_path)
    with pytest.raises(OSError, match="No space left"):
        made.write(b"lost\n")
    (tmp_path / "decisions-0.jsonl").unlink()
    made._rotate()
    made.write(b"kept\n")
    made.close()

    assert b"\nkept\n" == contents(tmp_path)["decisions-0.jsonl"]
