"""The bodies of the served APIs: one struct each, with the fields that routing reads and no more.

Sources: OpenAI's reference for chat completions, completions, responses and embeddings;
Anthropic's for messages; vLLM's for tokenize and its own fields.

What is read of a body holds no cycle, so the garbage collector need not know of it.
"""

from typing import Annotated, Any

from msgspec import Meta, Raw, Struct

Count = Annotated[int, Meta(ge=0, le=(1 << 31) - 1)]
Prompt = str | list[Any] | None


class Part(Struct, frozen=True, gc=False):
    """One part of a message's content; a tool's result holds content of its own."""

    type: str = "text"
    text: str | None = None
    content: "str | list[Part] | dict[str, Raw] | None" = None


Content = str | list[Part] | None
Result = str | list[Part] | dict[str, Raw] | None
"""What a tool gave back; an object is not read."""


class Message(Struct, frozen=True, gc=False):
    """A chat message, OpenAI's or Anthropic's."""

    role: str
    content: Content = None
    tool_calls: list[Raw] | None = None


class Item(Struct, frozen=True, gc=False):
    """An input item of the Responses API: a message, a tool call or a tool's output."""

    type: str = "message"
    role: str = "user"
    content: Content = None
    output: Result = None


class Format(Struct, frozen=True, gc=False):
    """What shape the answer must have; `text` asks for none."""

    type: str = "text"


class Reasoning(Struct, frozen=True, gc=False):
    """The Responses API's place for the client's wish of effort."""

    effort: str | None = None


class TextOptions(Struct, frozen=True, gc=False):
    """The Responses API's place for the answer's format."""

    format: Format | None = None


class Body(Struct, frozen=True, gc=False):
    """What every API has in common, vLLM's own fields included."""

    model: str
    max_tokens: Count | None = None
    tools: list[Raw] | None = None
    response_format: Format | None = None
    structured_outputs: dict[str, Raw] | None = None
    reasoning_effort: str | None = None
    chat_template_kwargs: dict[str, Raw] | None = None


class Chat(Body, frozen=True, kw_only=True, gc=False):
    """`/v1/chat/completions`."""

    messages: Annotated[list[Message], Meta(min_length=1)]
    max_completion_tokens: Count | None = None


class Completion(Body, frozen=True, kw_only=True, gc=False):
    """`/v1/completions`; a prompt may be text, tokens, or a list of either."""

    prompt: Prompt = None


class Responses(Body, frozen=True, kw_only=True, gc=False):
    """`/v1/responses`."""

    input: str | list[Item]
    instructions: str | None = None
    max_output_tokens: Count | None = None
    reasoning: Reasoning | None = None
    text: TextOptions | None = None


class Messages(Body, frozen=True, kw_only=True, gc=False):
    """`/v1/messages`, Anthropic's."""

    messages: Annotated[list[Message], Meta(min_length=1)]
    system: str | list[Part] | None = None


class Embeddings(Body, frozen=True, kw_only=True, gc=False):
    """`/v1/embeddings`; vLLM takes a conversation in place of the input."""

    input: Prompt = None
    messages: list[Message] | None = None


class Tokenize(Body, frozen=True, kw_only=True, gc=False):
    """`/tokenize`, vLLM's: a prompt or a conversation."""

    prompt: str | None = None
    messages: list[Message] | None = None
