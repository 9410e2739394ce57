"""WordPiece."""

import time

import pytest

from extproc.signals.semantic.vocabulary import Vocabulary

PIECES = ("[UNK]", "un", "##aff", "##able", "hello", "!", "_", "明", "cafe", "a", "##b")


def pieces(text: str) -> list[str]:
    """The pieces of a text by name."""
    vocabulary = Vocabulary(PIECES)
    return [PIECES[row] for row in vocabulary.rows(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t", []),
        ("Hello!", ["hello", "!"]),
        ("unaffable", ["un", "##aff", "##able"]),
        ("unknown", ["[UNK]"]),
        ("hello_hello", ["hello", "_", "hello"]),
        ("明明", ["明", "明"]),
        ("Café", ["cafe"]),
        ("a" + "b" * 24, ["[UNK]"]),
    ],
)
def test_text_becomes_pieces(text: str, expected: list[str]) -> None:
    """Lower case, no accents, the longest pieces from the left."""
    assert expected == pieces(text)


def test_only_so_much_is_split() -> None:
    """What comes after is unknown, however many words it has."""
    found = pieces("ab " * 1000)

    assert 240 == found.count("a")
    assert 760 == found.count("[UNK]")


def test_hostile_text_takes_little_time() -> None:
    """Words that nearly match, up to the bound of what is read."""
    vocabulary = Vocabulary(("[UNK]", *(f"##{'b' * n}c" for n in range(1, 18)), "b"))
    started = time.process_time()
    vocabulary.rows(("b" * 24 + " ") * 80)

    assert time.process_time() - started < 0.25
