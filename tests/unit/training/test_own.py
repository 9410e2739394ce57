"""An operator's own labels."""

from pathlib import Path

import pytest
from semantic_builders import labels_file

from extproc.errors import ConfigError
from extproc.training.own import load


def test_labels_are_read(tmp_path: Path) -> None:
    """Conversations, each tier's scores, and what is between them."""
    found = load(labels_file(tmp_path))

    assert 80 == len(found.conversations)
    assert [1.0, 0.0] == found.fast[[0, 39]].tolist()
    assert [0.0, 1.0] == found.gain[[0, 39]].tolist()


def test_too_few_say_nothing(tmp_path: Path) -> None:
    """And the command says so."""
    with pytest.raises(ConfigError, match="at least 50 labels are needed, there are 49"):
        load(labels_file(tmp_path, 49))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"fast": 2}, r"own\.jsonl:1: .*fast"),
        ({"reasoning": None}, r"own\.jsonl:1: .*reasoning"),
        ({"messages": [{"role": "user"}]}, r"own\.jsonl:1: expected either"),
    ],
)
def test_bad_labels_are_named(fields: dict[str, object], message: str, tmp_path: Path) -> None:
    """With their line."""
    with pytest.raises(ConfigError, match=message):
        load(labels_file(tmp_path, 60, **fields))
