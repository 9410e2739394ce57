"""POST /v1/responses: a chat worded as vLLM words OpenAI's responses, key for key.

Nothing is stored, as with vLLM's default: a `previous_response_id` is never found.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import msgspec

from extproc.engines.sim import sse
from extproc.engines.sim.chatrequest import (
    ChatPlan,
    ChatRequest,
    Function,
    FunctionTool,
    Message,
    accept,
)
from extproc.engines.sim.errors import ApiError
from extproc.engines.sim.exchange import Call
from extproc.engines.sim.generation import Generation, Usage
from extproc.engines.sim.responsebody import ResponseBody
from extproc.engines.sim.responsestream import ResponseEvents
from extproc.engines.sim.structured import JsonSchema, ResponseFormat


class ResponseRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that the simulator honours, and those that a response repeats."""

    input: str | list[dict[str, Any]]
    model: str | None = None
    instructions: str | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stream: bool | None = False
    tools: list[dict[str, Any]] = []
    tool_choice: str | dict[str, Any] = "auto"
    previous_response_id: str | None = None
    parallel_tool_calls: bool | None = True
    metadata: dict[str, str] | None = None
    reasoning: dict[str, Any] | None = None
    text: dict[str, Any] | None = None
    user: str | None = None


class InputItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item of the input: a message, the call of a function or its output."""

    type: str = "message"
    role: str = "user"
    content: Any = None
    name: str | None = None
    arguments: str | None = None
    output: Any = None


class NamedFunction(msgspec.Struct, frozen=True, kw_only=True):
    """A function that is offered, or that `tool_choice` names; other tools have no name."""

    type: str
    name: str = ""
    parameters: dict[str, Any] | None = None


class TextFormat(msgspec.Struct, frozen=True, kw_only=True):
    """The form that the text must have."""

    type: str
    name: str = ""
    definition: dict[str, Any] | None = msgspec.field(default=None, name="schema")


class TextConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says about its text."""

    format: TextFormat | None = None


_DECODER: Final = msgspec.json.Decoder(ResponseRequest)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseExchange:
    """One response, with one output item: a message, or the call of a function."""

    plan: ChatPlan
    body: ResponseBody
    events: ResponseEvents | None

    @property
    def generation(self) -> Generation:
        """What the engine is asked for."""
        return self.plan.generation

    def answer(self, usage: Usage) -> bytes:
        """The `response` object."""
        return sse.encode(self.body.finished(usage))


def parse(body: bytes, call: Call) -> ResponseExchange:
    """Check a body as vLLM does; raises ApiError, and msgspec's errors where it is not JSON."""
    request = _DECODER.decode(body)
    if request.previous_response_id is not None:
        raise ApiError(
            f"Response with id '{request.previous_response_id}' not found.",
            status=HTTPStatus.NOT_FOUND,
            kind="invalid_request_error",
            param="response_id",
        )
    plan = accept(_chat(request), call, limit="max_output_tokens")
    response = ResponseBody(plan=plan, echo=_echo(request, plan))
    events = ResponseEvents(body=response) if request.stream else None
    return ResponseExchange(plan=plan, body=response, events=events)


def _chat(request: ResponseRequest) -> ChatRequest:
    messages = (
        [Message(role="system", content=request.instructions)] if request.instructions else []
    )
    if isinstance(request.input, str):
        messages.append(Message(role="user", content=request.input))
    else:
        messages.extend(_message(item) for item in request.input)
    return ChatRequest(
        messages=messages,
        model=request.model,
        max_tokens=request.max_output_tokens,
        temperature=request.temperature,
        tools=_tools(request),
        tool_choice=_tool_choice(request),
        response_format=_response_format(request),
    )


def _message(given: Mapping[str, Any]) -> Message:
    item = msgspec.convert(given, InputItem)
    match item.type:
        case "function_call":
            call = {"name": item.name, "arguments": item.arguments}
            return Message(role="assistant", tool_calls=[call])
        case "function_call_output":
            return Message(role="tool", content=item.output)
        case _:
            return Message(role=item.role, content=item.content)


def _tools(request: ResponseRequest) -> list[FunctionTool] | None:
    tools = [
        FunctionTool(function=Function(name=tool.name, parameters=tool.parameters))
        for tool in msgspec.convert(request.tools, list[NamedFunction])
        if tool.type == "function"
    ]
    return tools or None


def _tool_choice(request: ResponseRequest) -> str | FunctionTool | None:
    if isinstance(request.tool_choice, str):
        return request.tool_choice
    choice = msgspec.convert(request.tool_choice, NamedFunction)
    return FunctionTool(function=Function(name=choice.name))


def _response_format(request: ResponseRequest) -> ResponseFormat | None:
    wanted = msgspec.convert(request.text or {}, TextConfig).format
    if wanted is None:
        return None
    schema = JsonSchema(name=wanted.name, definition=wanted.definition)
    return ResponseFormat(type=wanted.type, json_schema=schema)


def _echo(request: ResponseRequest, plan: ChatPlan) -> dict[str, object]:
    room = plan.call.settings.max_model_len - plan.generation.prompt_tokens
    limit = request.max_output_tokens
    return {
        "instructions": request.instructions,
        "metadata": request.metadata,
        "parallel_tool_calls": request.parallel_tool_calls,
        "temperature": 1.0 if request.temperature is None else request.temperature,
        "tool_choice": request.tool_choice if request.tools else "none",
        "tools": request.tools,
        "top_p": 1.0 if request.top_p is None else request.top_p,
        "max_output_tokens": room if limit is None else min(limit, room),
        "reasoning": request.reasoning,
        "text": request.text,
        "user": request.user,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
    }
