"""How long the prompt is, and how long the answer may be."""

import pytest
from builders import request

from extproc.request import Api, parse
from extproc.signals.length import Length


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("a" * 400, 100.0), ("", 0.0), ("漢字" * 20, 30.0)],
    ids=["english", "empty", "three-bytes-a-character"],
)
def test_tokens_are_estimated_from_bytes(text: str, tokens: float) -> None:
    """Four bytes of UTF-8 count as a token."""
    assert {"prompt_tokens": tokens} == Length()(request(text), "")


def test_tokens_that_came_as_numbers_are_counted() -> None:
    """A prompt of token numbers needs no estimate."""
    read = parse(Api.COMPLETIONS, b'{"model":"auto","prompt":[1,2,3]}')

    assert {"prompt_tokens": 3.0} == Length()(read, "")


def test_the_clients_limit_is_the_answers_length() -> None:
    """Without a limit the name is left out, so that no rule mistakes silence for zero."""
    assert 7.0 == Length()(request(max_tokens=7), "")["output_tokens"]
    assert "output_tokens" not in Length()(request(), "")
