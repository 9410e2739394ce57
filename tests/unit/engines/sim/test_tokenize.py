"""Unit tests of /tokenize."""

import msgspec
import pytest
from sim_builders import HELLO, body, call

from extproc.engines.sim.errors import ApiError
from extproc.engines.sim.tokenize import tokenize


def test_text_is_split() -> None:
    """The answer has the count, the context length and the ids; strings only if asked for."""
    assert (
        b'{"count":2,"max_model_len":512,"tokens":[84087,105391],"token_strs":null}'
    ) == tokenize(body(prompt="hello world"), call())


def test_strings_on_request() -> None:
    """Asked for, the pieces themselves are told."""
    answer = msgspec.json.decode(tokenize(body(prompt="a b", return_token_strs=True), call()))

    assert ["a", " b"] == answer["token_strs"]


def test_conversation_is_rendered_first() -> None:
    """Messages are tokenized as the prompt that a chat would have."""
    tools = [{"type": "function", "function": {"name": "f"}}]
    plain = msgspec.json.decode(tokenize(body(messages=HELLO), call()))
    tooled = msgspec.json.decode(tokenize(body(messages=HELLO, tools=tools), call()))

    assert 1 < plain["count"] < tooled["count"]


def test_something_has_to_be_tokenized() -> None:
    """Neither a prompt nor messages is a malformed request."""
    with pytest.raises(ApiError, match="Field required"):
        tokenize(b"{}", call())
