"""Which tool an answer calls, and with what arguments."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from extproc.engines.sim import sse

# A schema may refer to itself through nested objects; a model's answer would end somewhere too.
_MAX_DEPTH = 4


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


def arguments(tool: Tool) -> str:
    """Arguments that satisfy the plain parts of the tool's schema, as JSON."""
    return sse.encode(example({"type": "object", **tool.parameters})).decode()


def call_id() -> str:
    """A fresh id for a tool call, in vLLM's form."""
    return f"chatcmpl-tool-{uuid.uuid4().hex}"


def example(schema: Mapping[str, Any], *, name: str = "value", depth: int = 0) -> object:
    """A value for a JSON schema: the first of an enumeration, else a fixed one of its type."""
    if schema.get("enum"):
        return schema["enum"][0]
    match schema.get("type"):
        case "object" if depth < _MAX_DEPTH:
            properties = schema.get("properties") or {}
            required = schema.get("required", tuple(properties))
            return {
                key: example(properties.get(key) or {}, name=key, depth=depth + 1)
                for key in required
            }
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "array" | "object" as kind:
            return [] if kind == "array" else {}
        case _:
            return name
