"""The bodies of the served APIs."""

import msgspec
import pytest

from extproc.request import shapes

MESSAGE = {"role": "user", "content": "hi"}
LEAST = [
    (shapes.Chat, {"messages": [MESSAGE]}),
    (shapes.Completion, {}),
    (shapes.Responses, {"input": "hi"}),
    (shapes.Messages, {"messages": [MESSAGE]}),
    (shapes.Embeddings, {}),
    (shapes.Tokenize, {}),
]
SHAPES = pytest.mark.parametrize(
    ("shape", "least"), LEAST, ids=[shape.__name__ for shape, _ in LEAST]
)


@SHAPES
def test_a_body_needs_a_model_and_little_else(
    shape: type[shapes.Body], least: dict[str, object]
) -> None:
    """What the client leaves out is None, never a default that it did not say."""
    view = msgspec.convert({"model": "auto", **least}, shape)

    assert ("auto", None, None, None) == (
        view.model,
        view.max_tokens,
        view.tools,
        view.reasoning_effort,
    )


@SHAPES
def test_a_body_without_a_model_is_refused(
    shape: type[shapes.Body], least: dict[str, object]
) -> None:
    """Nothing can be routed that does not say for whom it is."""
    with pytest.raises(msgspec.ValidationError, match="`model`"):
        msgspec.convert(least, shape)


@SHAPES
def test_unknown_fields_are_the_tiers_business(
    shape: type[shapes.Body], least: dict[str, object]
) -> None:
    """A new field of an API needs no release of the gateway."""
    view = msgspec.convert({"model": "auto", **least, "brand_new": {"deep": [1]}}, shape)

    assert "auto" == view.model


@pytest.mark.parametrize("limit", [-1, 1 << 31, 1.5, "10"])
def test_a_limit_of_tokens_is_a_count(limit: object) -> None:
    """A negative, endless, broken or quoted number of tokens is refused before any arithmetic."""
    with pytest.raises(msgspec.ValidationError, match="max_tokens"):
        msgspec.convert({"model": "auto", "max_tokens": limit}, shapes.Completion)


@pytest.mark.parametrize("shape", [shapes.Chat, shapes.Messages])
def test_a_conversation_has_a_message(shape: type[shapes.Body]) -> None:
    """An empty conversation asks for nothing."""
    with pytest.raises(msgspec.ValidationError, match="length >= 1"):
        msgspec.convert({"model": "auto", "messages": []}, shape)


def test_content_is_text_parts_or_nothing() -> None:
    """The three forms of a message's content, with parts inside parts."""
    inner = {"type": "tool_result", "content": [{"type": "text", "text": "42"}]}
    contents = ["hi", [inner], None]

    read = [msgspec.convert({"role": "user", "content": c}, shapes.Message) for c in contents]

    part = shapes.Part(type="tool_result", content=[shapes.Part(text="42")])
    assert ["hi", [part], None] == [message.content for message in read]
