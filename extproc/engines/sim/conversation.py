"""What a client said, whichever API it used to say it, and the prompt that a model would see."""

from collections.abc import Sequence
from dataclasses import dataclass

from extproc.engines.sim import sse
from extproc.engines.sim.toolcalls import Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message, its parts joined to text."""

    role: str
    text: str


def text_of(content: object) -> str:
    """The text of a message's content; a part that is not text leaves one placeholder token.

    What no API describes is taken as the JSON that it is: a model would read that too.
    """
    match content:
        case None:
            return ""
        case str():
            return content
        case list():
            return "\n".join(map(_text_of_part, content))
        case _:
            return sse.encode(content).decode()


def asked(turns: Sequence[Turn]) -> str:
    """The last thing the user said."""
    return next((turn.text for turn in reversed(turns) if turn.role == "user"), "")


def render(turns: Sequence[Turn], tools: Sequence[Tool] = ()) -> str:
    """The prompt in the ChatML form of the Qwen models: tools, turns, and the cue to answer."""
    head = "".join(f"{sse.encode({tool.name: tool.parameters}).decode()}\n" for tool in tools)
    body = "".join(f"<|im_start|>{turn.role}\n{turn.text}<|im_end|>\n" for turn in turns)
    return f"{head}{body}<|im_start|>assistant\n"


def _text_of_part(part: object) -> str:
    match part:
        case {"text": str(text)}:
            return text
        case {"type": "tool_result", **rest}:
            return text_of(rest.get("content"))
        case {"type": "tool_use", **rest}:
            return text_of(rest.get("input"))
        case {"type": str(kind)}:
            return f"<|{kind}|>"
        case _:
            return text_of(part)
