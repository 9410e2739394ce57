"""Conversations from JSON lines."""

import pytest

from extproc.errors import ConfigError
from extproc.request.lines import Line, decode, split


def test_a_prompt_is_one_message() -> None:
    """Of the user."""
    found = decode(b'{"prompt": "hello", "id": 7}', Line, "x:1").conversation("x:1")

    assert [("user", "hello")] == [tuple(segment) for segment in found.segments]


def test_messages_are_read_as_a_chat_is() -> None:
    """Roles and all."""
    line = decode(b'{"messages": [{"role": "system", "content": "s"}]}', Line, "x:1")

    assert "system" == line.conversation("x:1").segments[0].role


@pytest.mark.parametrize("text", [b"{", b"7", b"\xff", b'{"prompt": 7}'])
def test_a_bad_line_is_named(text: bytes) -> None:
    """Before its conversation is asked for."""
    with pytest.raises(ConfigError, match=r"^x:1: "):
        decode(text, Line, "x:1")


@pytest.mark.parametrize("text", [b"{}", b'{"messages": [{"role": "user", "content": 7}]}'])
def test_a_line_without_a_conversation_is_named(text: bytes) -> None:
    """Neither of the two, or what no chat would take."""
    line = decode(text, Line, "x:1")

    with pytest.raises(ConfigError, match=r"^x:1: "):
        line.conversation("x:1")


@pytest.mark.parametrize(
    ("content", "expected"), [(b"", []), (b"a", [b"a"]), (b"a\n", [b"a"]), (b"\n\n", [b"", b""])]
)
def test_lines_end_with_a_line_feed(content: bytes, expected: list[bytes]) -> None:
    """The last may do without; an empty one in the middle is one."""
    assert expected == split(content)
