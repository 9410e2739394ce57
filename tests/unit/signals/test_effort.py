"""The client's wish of effort as a number."""

import pytest
from builders import request

from extproc.signals.effort import LEVELS, Effort


@pytest.mark.parametrize(("word", "level"), LEVELS.items(), ids=LEVELS)
def test_each_word_has_a_level(word: str, level: float) -> None:
    """OpenAI's words are numbers from 0 to 1."""
    assert {"effort": level} == Effort()(request(reasoning_effort=word), "")
    assert 0.0 <= level <= 1.0


def test_more_effort_is_never_a_lower_level() -> None:
    """The table stands in the words' order."""
    assert sorted(LEVELS.values()) == list(LEVELS.values())


@pytest.mark.parametrize("word", [None, "", "huge", "HIGH"])
def test_an_unknown_word_says_nothing(word: str | None) -> None:
    """A word that nobody defined is no wish."""
    assert {} == Effort()(request(reasoning_effort=word), "")
