"""Decision logs as the commands read them."""

from pathlib import Path

import pytest
from decision_lines import decided, ended, log_file

from extproc.decisionlog.reading import expand, read
from extproc.errors import ConfigError


def test_decisions_come_in_order_and_outcomes_by_request(tmp_path: Path) -> None:
    """From all files of a folder, whichever process wrote them."""
    log_file(tmp_path, decided("b", time=2), name="decisions-0.jsonl")
    log_file(tmp_path, decided("a", time=1), ended("b"), name="decisions-1.jsonl.1")
    found = read([tmp_path])

    assert ["a", "b"] == [line.request_id for line in found.decisions]
    assert {"b": ended("b")} == found.outcomes
    assert 0 == found.torn


def test_torn_lines_are_counted(tmp_path: Path) -> None:
    """And passed over."""
    path = log_file(tmp_path, decided("a"))
    with path.open("ab") as file:
        file.write(b'\n{"kind":"deci\n{"kind":"other"}\n\xff\n')

    assert 3 == read([path]).torn


def test_a_log_without_decisions_is_refused(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(ConfigError, match=r"decisions\.jsonl: there is no decision"):
        read([log_file(tmp_path, ended("a"))])


def test_a_folder_is_all_of_its_files(tmp_path: Path) -> None:
    """A file is itself."""
    path = log_file(tmp_path, name="decisions-3.jsonl")

    assert [path, path] == expand([tmp_path, path])
