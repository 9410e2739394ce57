"""Which tool an answer calls."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A function that the client offers; `parameters` is a JSON schema."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolChoice:
    """The client's `tool_choice`: a function's name, or whether any must or may be called."""

    allowed: bool = True
    required: bool = False
    named: str | None = None


def choose(tools: Sequence[Tool], choice: ToolChoice, asked: str) -> Tool | None:
    """The tool that the answer calls, if any; left to the model, it is the one that `asked` names.

    `asked` is the last thing the user said; the words `call <name>` in it make the model call.
    """
    if not tools or not choice.allowed:
        return None
    if choice.named is not None:
        return next(tool for tool in tools if tool.name == choice.named)
    for tool in tools:
        if re.search(rf"\bcall {re.escape(tool.name)}\b", asked):
            return tool
    return tools[0] if choice.required else None


def call_id() -> str:
    """A fresh id for a tool call, in vLLM's form."""
    return f"chatcmpl-tool-{uuid.uuid4().hex}"
