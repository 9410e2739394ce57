"""One view of a conversation, whichever API it came through."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from msgspec import Struct

from extproc.request.shapes import Content, Item, Message, Part, Prompt, Result

TOOL_ROLES: Final = frozenset({"tool", "function"})
_TOOL_PARTS: Final = frozenset({"tool_use", "tool_result"})


class Segment(NamedTuple):
    """A piece of text and the role that said it."""

    role: str
    text: str


class Excerpt(Struct, frozen=True, kw_only=True, gc=False):
    """What is searched of a conversation, and which share of its characters that is (0 to 1)."""

    text: str
    coverage: float


class Conversation(Struct, frozen=True, kw_only=True, gc=False):
    """The texts in order, and counts of what else there is.

    `tokens` counts prompts that came as token numbers. `in_tool_loop` says that the last word is a
    tool's or calls one, so the model is about to go on with what it began.
    """

    segments: tuple[Segment, ...] = ()
    tokens: int = 0
    images: int = 0
    tool_results: int = 0
    user_turns: int = 0
    in_tool_loop: bool = False

    def excerpt(self, limit: int) -> Excerpt:
        """At most `limit` characters, half from the head and half from the tail."""
        texts = [segment.text for segment in self.segments]
        total = sum(map(len, texts))
        if total <= limit:
            return Excerpt(text="\n".join(texts), coverage=1.0)
        half = limit // 2
        head = "\n".join(_take(texts, half))
        tail = "\n".join(reversed(list(_take(reversed(texts), half, from_end=True))))
        return Excerpt(text=f"{head}\n{tail}", coverage=2 * half / total)

    def size(self) -> int:
        """All texts together, in bytes of UTF-8."""
        return sum(_size(segment.text) for segment in self.segments)


def of_prompt(prompt: Prompt) -> Conversation:
    """A prompt that is text, a list of texts, a list of tokens, or a list of such lists."""
    if isinstance(prompt, str):
        return Conversation(segments=(Segment("user", prompt),), user_turns=1)
    texts = [item for item in prompt or () if isinstance(item, str)]
    tokens = sum(len(item) if isinstance(item, list) else 1 for item in prompt or ()) - len(texts)
    segments = tuple(Segment("user", text) for text in texts)
    return Conversation(segments=segments, tokens=tokens, user_turns=1 if prompt else 0)


def of_messages(messages: Iterable[Message], system: Content = None) -> Conversation:
    """OpenAI's and Anthropic's messages; Anthropic's system prompt comes as `system`."""
    builder = _Builder()
    builder.add("system", system)
    for message in messages:
        answered = message.role in TOOL_ROLES
        builder.tool_results += answered
        builder.in_tool_loop = answered or bool(message.tool_calls)
        builder.add(message.role, message.content)
        builder.user_turns += message.role == "user" and not builder.in_tool_loop
    return builder.build()


def of_items(items: str | Iterable[Item], instructions: str | None = None) -> Conversation:
    """The Responses API's input."""
    if isinstance(items, str):
        items = (Item(content=items),)
    builder = _Builder()
    builder.add("system", instructions)
    for item in items:
        answered = item.type.endswith("_output")
        builder.tool_results += answered
        builder.in_tool_loop = answered or item.type.endswith("_call")
        builder.user_turns += item.type == "message" and item.role == "user"
        builder.add("tool" if answered else item.role, item.content)
        builder.add("tool", item.output)
    return builder.build()


class _Builder:
    """Collects what a Conversation holds, message by message."""

    __slots__ = ("images", "in_tool_loop", "segments", "tool_results", "user_turns")

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.images = 0
        self.tool_results = 0
        self.user_turns = 0
        self.in_tool_loop = False

    def add(self, role: str, content: Result) -> None:
        if isinstance(content, str):
            self.segments.append(Segment(role, content))
        elif isinstance(content, list):
            for part in content:
                self._add_part(role, part)

    def _add_part(self, role: str, part: Part) -> None:
        if part.text is not None:
            self.segments.append(Segment(role, part.text))
        self.images += "image" in part.type
        self.in_tool_loop |= part.type in _TOOL_PARTS
        if part.type == "tool_result":
            self.tool_results += 1
            self.add("tool", part.content)

    def build(self) -> Conversation:
        return Conversation(
            segments=tuple(self.segments),
            images=self.images,
            tool_results=self.tool_results,
            user_turns=self.user_turns,
            in_tool_loop=self.in_tool_loop,
        )


def _take(texts: Iterable[str], budget: int, *, from_end: bool = False) -> Iterator[str]:
    """Whole texts while the budget lasts, then the near part of the next one."""
    for text in texts:
        if budget <= 0:
            return
        yield (text[-budget:] if from_end else text[:budget])
        budget -= len(text)


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())
