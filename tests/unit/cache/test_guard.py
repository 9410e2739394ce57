"""What two questions must have in common; `tests/similar` has the labelled pairs."""

import pytest

from extproc.cache.guard import guard


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is the capital of France?", "what's the capital of France"),
        ("How do vaccines work?", "Please explain: how does a vaccine work?"),
        ("Hi, who wrote Hamlet? Thanks!", "Who wrote Hamlet"),
        ("Don\u2019t stop", "don't stop!"),
    ],
)
def test_how_it_is_asked_does_not_count(one: str, other: str) -> None:
    """Courtesies, case, punctuation, plurals and small words."""
    assert guard(one) == guard(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is 17 * 23?", "What is 17 * 24?"),
        ("What is 5 + 3?", "What is 5 - 3?"),
        ("What is C++?", "What is C#?"),
        ("weather in paris", "weather in london"),
        ("News of Monday", "News of Tuesday"),
        ("Can it fly?", "Can't it fly?"),
        ("Which are safe?", "Which are not safe?"),
        ("Did Brazil beat Germany?", "Did Germany beat Brazil?"),
        ("Who are us?", "Who are US?"),
        ("How was it?", "How is it?"),
        ("What is glass?", "What is glas?"),
        ("北京天气", "上海天气"),
    ],
)
def test_what_is_asked_counts(one: str, other: str) -> None:
    """Every word of it, in its order."""
    assert guard(one) != guard(other)


def test_a_question_of_small_words_is_nothing_but_them() -> None:
    """Then the embedding and the rest of the conversation decide."""
    assert () == guard("What is it?".replace("it", "the"))
