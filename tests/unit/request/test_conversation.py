"""One view of a conversation."""

from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from extproc.request import Conversation, Segment
from extproc.request.conversation import of_items, of_messages, of_prompt
from extproc.request.shapes import Item, Message


def messages(*given: tuple[str, object]) -> list[Message]:
    """Messages of the given roles and contents."""
    plain = [{"role": role, "content": content} for role, content in given]
    return msgspec.convert(plain, list[Message])


def items(*given: Mapping[str, object]) -> list[Item]:
    """Items of the Responses API."""
    return msgspec.json.decode(msgspec.json.encode(given), type=list[Item])


def texts(conversation: Conversation) -> list[tuple[str, str]]:
    """Roles and texts, as plain pairs."""
    return [(role, text) for role, text in conversation.segments]


@pytest.mark.parametrize(
    ("prompt", "segments", "tokens", "turns"),
    [
        ("hi", [("user", "hi")], 0, 1),
        ("", [("user", "")], 0, 1),
        (["a", "b"], [("user", "a"), ("user", "b")], 0, 1),
        ([1, 2, 3], [], 3, 1),
        ([[1, 2], [3]], [], 3, 1),
        (["a", [1, 2], 3], [("user", "a")], 3, 1),
        ([], [], 0, 0),
        (None, [], 0, 0),
    ],
    ids=["text", "empty", "texts", "tokens", "lists", "mixed", "none-in-it", "none"],
)
def test_a_prompt_has_four_forms(
    prompt: str | list[object] | None, segments: list[tuple[str, str]], tokens: int, turns: int
) -> None:
    """Texts are kept, tokens are counted, and either is one turn of the user."""
    read = of_prompt(prompt)

    assert (segments, tokens, turns) == (texts(read), read.tokens, read.user_turns)


def test_messages_keep_their_roles_and_order() -> None:
    """A system prompt comes first, whichever way it came; only users have turns."""
    read = of_messages(messages(("user", "a"), ("assistant", "b"), ("user", "c")), system="s")

    assert [("system", "s"), ("user", "a"), ("assistant", "b"), ("user", "c")] == texts(read)
    assert (2, 0, False) == (read.user_turns, read.tool_results, read.in_tool_loop)


def test_parts_are_read_one_by_one() -> None:
    """Texts are kept and images counted, whichever API's word for an image it is."""
    parts = [
        {"type": "text", "text": "what is it?"},
        {"type": "image_url", "image_url": {"url": "data:"}},
        {"type": "input_image"},
        {"type": "image", "source": {}},
        {"type": "input_audio"},
    ]
    read = of_messages(messages(("user", parts), ("assistant", None)))

    assert ([("user", "what is it?")], 3, 1) == (texts(read), read.images, read.user_turns)


@pytest.mark.parametrize("role", ["tool", "function"])
def test_a_tools_message_is_no_turn_of_the_user(role: str) -> None:
    """OpenAI's tool results: the conversation stands inside a tool loop."""
    read = of_messages(messages(("user", "a"), ("assistant", None), (role, "42")))

    assert (1, 1, True) == (read.user_turns, read.tool_results, read.in_tool_loop)
    assert (role, "42") == texts(read)[-1]


def test_a_tools_result_may_be_part_of_a_users_message() -> None:
    """Anthropic's tool results come under the user's role, with content of their own."""
    inner = [{"type": "text", "text": "42"}, {"type": "image"}]
    parts = [{"type": "tool_result", "content": "41"}, {"type": "tool_result", "content": inner}]
    read = of_messages(messages(("user", "a"), ("user", parts)))

    assert [("user", "a"), ("tool", "41"), ("tool", "42")] == texts(read)
    assert (1, 2, True, 1) == (
        read.user_turns,
        read.tool_results,
        read.in_tool_loop,
        read.images,
    )


@pytest.mark.parametrize(
    "called",
    [
        {"content": None, "tool_calls": [{"id": "1", "type": "function"}]},
        {"content": [{"type": "text", "text": "b"}, {"type": "tool_use", "id": "1"}]},
    ],
    ids=["openai", "anthropic"],
)
@pytest.mark.parametrize("after", [(), ({"role": "user", "content": "c"},)], ids=["last", "older"])
def test_a_call_that_waits_for_its_tool_is_in_the_loop(
    called: dict[str, object], after: tuple[object, ...]
) -> None:
    """While it is the last word."""
    given = [{"role": "user", "content": "a"}, {"role": "assistant", **called}, *after]
    read = of_messages(msgspec.json.decode(msgspec.json.encode(given), type=list[Message]))

    assert (0, not after) == (read.tool_results, read.in_tool_loop)


@pytest.mark.parametrize("calls", [None, []])
def test_no_calls_are_no_loop(calls: list[object] | None) -> None:
    """As clients repeat a plain answer."""
    given = [{"role": "assistant", "content": "b", "tool_calls": calls}]

    assert not of_messages(msgspec.convert(given, list[Message])).in_tool_loop


def test_the_users_next_word_ends_a_tool_loop() -> None:
    """Only the last word counts: an older result is history."""
    read = of_messages(messages(("user", "a"), ("tool", "42"), ("assistant", "b"), ("user", "c")))

    assert (2, 1, False) == (read.user_turns, read.tool_results, read.in_tool_loop)


def test_the_responses_input_may_be_text() -> None:
    """One text is one message of the user, after the instructions."""
    read = of_items("hi", "be brief")

    assert [("system", "be brief"), ("user", "hi")] == texts(read)
    assert 1 == read.user_turns


def test_the_responses_items_are_messages_calls_and_outputs() -> None:
    """A call is the model's, an output the tool's; neither is a turn of the user."""
    read = of_items(
        items(
            {"role": "user", "content": [{"type": "input_text", "text": "a"}]},
            {"type": "reasoning", "summary": []},
            {"type": "function_call", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "1", "output": "42"},
        )
    )

    assert [("user", "a"), ("tool", "42")] == texts(read)
    assert (1, 1, True) == (read.user_turns, read.tool_results, read.in_tool_loop)


def test_an_item_that_calls_is_in_the_loop() -> None:
    """Its output is still to come."""
    read = of_items(items({"content": "a"}, {"type": "function_call", "name": "f"}))

    assert (1, 0, True) == (read.user_turns, read.tool_results, read.in_tool_loop)


def test_an_output_that_is_an_object_is_not_read() -> None:
    """A computer's screenshot, say: the loop is seen, its content is the tier's business."""
    given = {"type": "computer_call_output", "output": {"image_url": "data:"}}

    seen = of_items(items(given))

    assert ((), 1, True) == (seen.segments, seen.tool_results, seen.in_tool_loop)


def test_an_output_may_have_parts() -> None:
    """A tool may answer with texts and images, and a later message ends the loop."""
    parts = [{"type": "input_text", "text": "42"}, {"type": "input_image"}]
    read = of_items(
        items({"type": "function_call_output", "output": parts}, {"role": "user", "content": "b"})
    )

    assert [("tool", "42"), ("user", "b")] == texts(read)
    assert (1, False, 1) == (read.tool_results, read.in_tool_loop, read.images)


@pytest.mark.parametrize(
    ("limit", "text", "coverage"),
    [
        (10, "abcd\nefghij", 1.0),
        (8, "abcd\nghij", 0.8),
        (4, "ab\nij", 0.4),
        (3, "a\nj", 0.2),
    ],
    ids=["all", "whole-head", "pieces", "odd"],
)
def test_an_excerpt_takes_half_from_each_end(limit: int, text: str, coverage: float) -> None:
    """What a conversation is about stands at its ends; how much was read is said."""
    segments = (Segment("user", "abcd"), Segment("user", "efghij"))
    excerpt = Conversation(segments=segments).excerpt(limit)

    assert (text, coverage) == (excerpt.text, excerpt.coverage)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.text(max_size=30), max_size=8), st.integers(1, 60))
def test_an_excerpt_stays_within_its_limit(given: list[str], limit: int) -> None:
    """Its characters are at most the limit and one line's end a text; coverage is their share."""
    conversation = Conversation(segments=tuple(Segment("user", text) for text in given))
    total = sum(map(len, given))
    excerpt = conversation.excerpt(limit)
    kept = min(total, limit if total <= limit else limit // 2 * 2)

    assert kept <= len(excerpt.text) <= kept + 2 * len(given)
    assert excerpt.coverage == pytest.approx(kept / total if total else 1.0)


@pytest.mark.parametrize(
    ("given", "size"), [("abc", 3), ("äöü", 6), ("漢字", 6), ("", 0)], ids=["ascii", "2", "3", "0"]
)
def test_the_size_is_in_bytes(given: str, size: int) -> None:
    """Tokens go by bytes of UTF-8 rather than by characters."""
    assert 2 * size == of_prompt([given, given]).size()
