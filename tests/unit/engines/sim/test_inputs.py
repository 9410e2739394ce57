"""Unit tests of the forms that a prompt may have."""

import pytest
from sim_builders import settings

from extproc.engines.sim import tokenizer
from extproc.engines.sim.errors import ApiError
from extproc.engines.sim.inputs import Input, encode_inputs

A, B = tokenizer.encode("a"), tokenizer.encode("b")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a", [A]),
        (["a", "b"], [A, B]),
        ([5, 6], [(5, 6)]),
        ([[5], [6, 7]], [(5,), (6, 7)]),
    ],
    ids=["text", "texts", "tokens", "lists-of-tokens"],
)
def test_every_form_is_understood(given: Input, expected: list[tuple[int, ...]]) -> None:
    """A text, several texts, token ids, or several lists of them."""
    assert expected == encode_inputs(given, settings())


def test_forms_cannot_be_mixed() -> None:
    """Token ids and texts in one list have no meaning."""
    with pytest.raises(ApiError, match="cannot be mixed"):
        encode_inputs([5, "a"], settings())


def test_token_ids_overflow_too() -> None:
    """A prompt of ids has to fit the context as a text has."""
    with pytest.raises(ApiError, match="contains 520 input tokens"):
        encode_inputs([[1] * 520], settings(max_model_len=512))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "You must pass at least one prompt"),
        ("", "The decoder prompt cannot be empty"),
        (["a", ""], "The decoder prompt cannot be empty"),
        ([[]], "The decoder prompt cannot be empty"),
    ],
)
def test_nothing_cannot_be_read(given: Input, message: str) -> None:
    """No prompt, or one without a token."""
    with pytest.raises(ApiError, match=message):
        encode_inputs(given, settings())
