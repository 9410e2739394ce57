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
        ("How does a bee, say, fly?!", "how does the bee say fly ?"),
        ("A bee flies how?", "bee flies how"),
        ("How can I boil eggs?", "how do i boil eggs"),
        ("Hi - is 5 prime?", "is 5 prime"),
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
        ("What is (2+3)*4?", "What is 2+(3*4)?"),
        ("What is .5?", "What is 5?"),
        ("-5 + 3 = ?", "5 + 3 = ?"),
        ("What is 5!?", "What is 5?"),
        ("What is n!", "What is n"),
        ("Is it a ? b : c", "Is it a b c"),
        ("What is f'(2)?", "What is f(2)?"),
        ("What is 'can'?", "What is 'do'?"),
        ("Is i^2 = -1?", "Is a^2 = -1?"),
        ("What is a times 3?", "What is i times 3?"),
        ("Convert 5 m.", "Convert 5 M."),
        ("What is hepatitis A?", "What is hepatitis?"),
        ("vitamin a deficiency", "vitamin deficiency"),
        ("Who won World War I?", "Who won World War?"),
        ("What is my name?", "What is a name?"),
    ],
)
def test_what_is_asked_counts(one: str, other: str) -> None:
    """Every word of it, in its order."""
    assert guard(one) != guard(other)


def test_a_question_of_small_words_is_nothing_but_them() -> None:
    """Then the embedding and the rest of the conversation decide."""
    assert () == guard("What is it?".replace("it", "the"))
