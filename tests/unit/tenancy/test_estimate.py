"""How many tokens a request may come to."""

from typing import Any

import pytest
from builders import chat, request

from extproc.request import Api, parse
from extproc.tenancy.estimate import tokens


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, 103),
        ({"max_tokens": 7}, 10),
        ({"max_tokens": 0}, 3),
        ({"max_completion_tokens": 9}, 12),
    ],
)
def test_prompt_and_answer_are_both_reserved(fields: dict[str, Any], expected: int) -> None:
    """The answer by the client's bound, or by the usual one: `abcdefgh` is two tokens, and one."""
    assert expected == tokens(request("abcdefgh", **fields), 100)


def test_what_gives_no_answer_needs_none() -> None:
    """Embeddings have a prompt alone."""
    body = b'{"model": "auto", "input": "abcdefgh"}'

    assert 3 == tokens(parse(Api.EMBEDDINGS, body), 100)
    assert 103 == tokens(parse(Api.CHAT, chat("abcdefgh")), 100)
