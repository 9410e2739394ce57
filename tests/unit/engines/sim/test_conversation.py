"""Unit tests of the prompt that a conversation becomes."""

import pytest

from extproc.engines.sim import conversation
from extproc.engines.sim.conversation import Turn
from extproc.engines.sim.toolcalls import Tool


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, ""),
        ("plain", "plain"),
        ([{"type": "text", "text": "a"}, {"type": "input_text", "text": "b"}], "a\nb"),
        ([{"type": "image_url", "image_url": {"url": "data:,"}}], "<|image_url|>"),
        ([{"type": "tool_result", "content": [{"type": "text", "text": "42"}]}], "42"),
        ([{"type": "tool_use", "input": {"a": 1}}], '{"a":1}'),
        (3, "3"),
        (["bare", {"other": 1}], 'bare\n{"other":1}'),
    ],
    ids=["none", "text", "parts", "image", "tool-result", "tool-use", "number", "odd-parts"],
)
def test_text_of(content: object, expected: str) -> None:
    """Whatever form content has, the text in it is found."""
    assert expected == conversation.text_of(content)


def test_asked_is_the_last_of_the_user() -> None:
    """The last turn of the user is what is asked, not what others said after it."""
    turns = [
        Turn(role="user", text="first"),
        Turn(role="user", text="second"),
        Turn(role="assistant", text="third"),
    ]

    assert "second" == conversation.asked(turns)


def test_nobody_asked() -> None:
    """Without a turn of the user nothing is asked."""
    assert "" == conversation.asked([Turn(role="system", text="x")])


def test_render_marks_turns_and_cues_the_answer() -> None:
    """The prompt has the tools, the turns in ChatML, and ends where the assistant begins."""
    prompt = conversation.render([Turn(role="user", text="hi")], [Tool(name="f")])

    assert '{"f":{}}\n<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n' == prompt
