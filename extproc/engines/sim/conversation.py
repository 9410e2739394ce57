"""What a client said, whichever API it used to say it, and the prompt that a model would see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from extproc.engines.sim import sse
from extproc.engines.sim.toolcalls import Tool

Content = str | Sequence[Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message, its parts joined to text."""

    role: str
    text: str


def text_of(content: Content) -> str:
    """The text of a message's content; a part that is not text leaves one placeholder token."""
    if content is None or isinstance(content, str):
        return content or ""
    return "\n".join(_text_of_part(part) for part in content)


def asked(turns: Sequence[Turn]) -> str:
    """The last thing the user said."""
    return next((turn.text for turn in reversed(turns) if turn.role == "user"), "")


def render(turns: Sequence[Turn], tools: Sequence[Tool] = ()) -> str:
    """The prompt in the ChatML form of the Qwen models: tools, turns, and the cue to answer."""
    head = "".join(f"{sse.encode({tool.name: tool.parameters}).decode()}\n" for tool in tools)
    body = "".join(f"<|im_start|>{turn.role}\n{turn.text}<|im_end|>\n" for turn in turns)
    return f"{head}{body}<|im_start|>assistant\n"


def _text_of_part(part: Mapping[str, Any]) -> str:
    kind = part.get("type", "text")
    if isinstance(part.get("text"), str):
        return str(part["text"])
    if kind == "tool_result":
        return text_of(part.get("content"))
    if kind == "tool_use":
        return sse.encode(part.get("input")).decode()
    return f"<|{kind}|>"
