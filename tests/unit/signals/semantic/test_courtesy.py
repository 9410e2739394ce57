"""Courtesies."""

import pytest

from extproc.signals.semantic.courtesy import strip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sort this list.", "Sort this list."),
        ("Please sort this list.", "sort this list."),
        ("Hi! Could you please sort this list?", "sort this list?"),
        ("Hello there, I would like you to sort it", "sort it"),
        ("Sort it. Thanks!", "Sort it. "),
        ("Sort it, please. Thank you very much.", "Sort it, "),
        ("\n\n sort it", "sort it"),
        ("Hello world in Rust", "Hello world in Rust"),
        ("Thank-you notes: write one", "Thank-you notes: write one"),
    ],
)
def test_courtesies_at_the_ends_are_taken_off(text: str, expected: str) -> None:
    """And nothing else."""
    assert expected == strip(text)


@pytest.mark.parametrize("text", ["", "Hi!", "Thank you so much!", "please"])
def test_a_text_of_nothing_else_stays(text: str) -> None:
    """A greeting is what it is."""
    assert text == strip(text)
