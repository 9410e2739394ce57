"""The shape of the conversation."""

from builders import request

from extproc.signals.conversation import Conversation

ZERO = dict.fromkeys(Conversation.names, 0.0)


def test_every_count_is_given_zero_included() -> None:
    """One question has one turn; what is not there counts zero."""
    assert {**ZERO, "turns": 1.0} == Conversation()(request(), "")


def test_counts_are_the_requests_own() -> None:
    """Turns, tools, results, images and the answer's form, each by itself."""
    parts = [{"type": "text", "text": "look"}, {"type": "image_url"}, {"type": "image_url"}]
    messages = [
        {"role": "user", "content": parts},
        {"role": "assistant", "content": None},
        {"role": "tool", "content": "42"},
    ]
    read = request(messages=messages, tools=[{}, {}, {}], response_format={"type": "json_object"})

    assert {
        "turns": 1.0,
        "tools": 3.0,
        "tool_results": 1.0,
        "tool_loop": 1.0,
        "images": 2.0,
        "structured_output": 1.0,
    } == Conversation()(read, "")
