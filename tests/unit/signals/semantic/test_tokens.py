"""The token table."""

from pathlib import Path

import numpy as np
import pytest
from semantic_builders import token_file

from extproc.errors import ConfigError
from extproc.signals.semantic import TOKENS
from extproc.signals.semantic.container import pack
from extproc.signals.semantic.tokens import FACTS, KIND, Tokens, facts


def test_a_table_is_read(tmp_path: Path) -> None:
    """Vectors are what was stored times their scale."""
    table = Tokens(token_file(tmp_path))

    assert 2 == table.width
    assert [2.5, 2.5] == table.vectors[5].tolist()
    assert [5, 7] == table.vocabulary.rows("suns")


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        ("sun", {"word"}),
        ("##7", {"word", "number"}),
        ("##", {"word"}),
        ("=", {"word", "operator"}),
        ("{", {"word", "code"}),
        ("why", {"word", "asks"}),
        ("?", {"word", "question"}),
        ("[UNK]", {"word", "unknown"}),
    ],
)
def test_a_piece_has_its_facts(piece: str, expected: set[str]) -> None:
    """Each is 1 or 0."""
    (found,) = facts([piece])

    assert expected == {name for name, fact in zip(FACTS, found, strict=True) if fact}


def test_a_table_without_vectors_is_refused(tmp_path: Path) -> None:
    """A whole file may still lack what is needed."""
    path = tmp_path / "tokens.bin"
    path.write_bytes(pack(KIND, {}, {"pieces": np.frombuffer(b"[UNK]", np.uint8)}))

    with pytest.raises(ConfigError, match="no array 'scales'"):
        Tokens(path)


def test_the_table_that_ships_is_small() -> None:
    """It is part of every image that is pulled."""
    assert TOKENS.stat().st_size < 8_000_000
