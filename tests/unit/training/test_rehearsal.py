"""What own labels would bring."""

from pathlib import Path

import pytest
from semantic_builders import paired_file, semantic

from extproc.errors import ConfigError
from extproc.training.rehearsal import rehearse


def test_a_file_is_played_as_traffic(tmp_path: Path) -> None:
    """One line with the mean and the range of the draws."""
    (line,) = rehearse(paired_file(tmp_path, 60), 30, semantic())

    assert line.startswith("With 30 labels of held: APGR 0.")


def test_more_labels_than_rows_are_refused(tmp_path: Path) -> None:
    """There would be nothing left to measure."""
    with pytest.raises(ConfigError, match="has only 20 rows"):
        list(rehearse(paired_file(tmp_path), 20, semantic()))
