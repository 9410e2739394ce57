"""A thread that writes."""

import subprocess
import sys
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry

from extproc.decisionlog.files import Files
from extproc.decisionlog.writer import Writer


def counts(registry: CollectorRegistry) -> dict[str, float]:
    """Lines by what became of them."""
    name = "tiergate_decision_log_lines_total"
    results = ("written", "dropped", "failed")
    return {one: registry.get_sample_value(name, {"result": one}) or 0 for one in results}


def opened(folder: Path) -> partial[Files]:
    """What the writer opens."""
    return partial(Files, folder, max_bytes=1 << 20, files=2)


def test_all_is_written_at_the_end(tmp_path: Path) -> None:
    """In order."""
    registry = CollectorRegistry()
    writer = Writer(registry, interval=60)
    writer.put(b"one\n")
    writer.start(opened(tmp_path))
    writer.put(b"two\n")
    writer.stop()

    assert b"one\ntwo\n" == (tmp_path / "decisions-0.jsonl").read_bytes()
    assert {"written": 2, "dropped": 0, "failed": 0} == counts(registry)


def test_nothing_is_opened_for_nothing(tmp_path: Path) -> None:
    """A process that decides nothing leaves no file, and one that never began can end."""
    writer = Writer(CollectorRegistry(), interval=0.001)
    writer.start(opened(tmp_path))
    writer.stop()
    Writer(CollectorRegistry()).stop()

    assert [] == list(tmp_path.iterdir())


def test_it_keeps_no_process_alive(tmp_path: Path) -> None:
    """One that could not start after all ends, though nobody stops the writer."""
    program = (
        "import sys, pathlib, functools, prometheus_client as p;"
        "from extproc.decisionlog.files import Files;"
        "from extproc.decisionlog.writer import Writer;"
        "opened = functools.partial(Files, pathlib.Path(sys.argv[1]), max_bytes=9, files=1);"
        "Writer(p.CollectorRegistry(), interval=60).start(opened); sys.exit(3)"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], timeout=20, check=False)

    assert 3 == done.returncode


def test_what_does_not_fit_is_dropped(tmp_path: Path) -> None:
    """And what came before is kept."""
    registry = CollectorRegistry()
    writer = Writer(registry, buffer=5, interval=60)
    for line in (b"one\n", b"two\n"):
        writer.put(line)
    writer.start(opened(tmp_path))
    writer.stop()

    assert b"one\n" == (tmp_path / "decisions-0.jsonl").read_bytes()
    assert {"written": 1, "dropped": 1, "failed": 0} == counts(registry)


def test_a_full_disk_is_counted_and_survived(tmp_path: Path) -> None:
    """Lines that failed are not tried again: newer ones are worth more."""
    (tmp_path / "decisions-0.jsonl").symlink_to("/dev/full")
    registry = CollectorRegistry()
    writer = Writer(registry, interval=60)
    writer.put(b"one\n")
    writer.start(opened(tmp_path))
    writer.stop()

    assert {"written": 0, "dropped": 0, "failed": 1} == counts(registry)


def test_a_folder_that_cannot_be_had_is_counted(tmp_path: Path) -> None:
    """As where a volume is not there yet."""
    (tmp_path / "file").touch()
    registry = CollectorRegistry()
    writer = Writer(registry, interval=60)
    writer.put(b"one\n")
    writer.start(opened(tmp_path / "file"))
    writer.stop()

    assert {"written": 0, "dropped": 0, "failed": 1} == counts(registry)
