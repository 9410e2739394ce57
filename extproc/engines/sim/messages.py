"""POST /v1/messages: a chat worded as vLLM words Anthropic's API.

vLLM translates its own chat answer, and leaves a trace of that: the id is a chat completion's.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

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
from extproc.engines.sim.messagestream import (
    MessagesEvents,
    message_id,
    stop_reason,
    tool_use,
    usage_of,
)


class MessageTool(msgspec.Struct, frozen=True):
    """A tool in Anthropic's form."""

    name: str
    input_schema: dict[str, Any]


class MessageToolChoice(msgspec.Struct, frozen=True):
    """Which tool must be called; `name` belongs to the type `tool`."""

    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None


class MessagesRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that the simulator honours; all others are accepted and ignored."""

    model: Annotated[str, msgspec.Meta(min_length=1)]
    messages: list[Message]
    max_tokens: Annotated[int, msgspec.Meta(gt=0)]
    system: str | list[dict[str, Any]] | None = None
    stop_sequences: list[str] | None = None
    stream: bool | None = False
    temperature: float | None = None
    tools: list[MessageTool] | None = None
    tool_choice: MessageToolChoice | None = None


_DECODER: Final = msgspec.json.Decoder(MessagesRequest)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesExchange:
    """One message in answer to a conversation."""

    plan: ChatPlan
    events: MessagesEvents | None

    @property
    def generation(self) -> Generation:
        """What the engine is asked for."""
        return self.plan.generation

    def answer(self, usage: Usage) -> bytes:
        """The `message` object."""
        return sse.encode(
            {
                "id": message_id(self.plan),
                "type": "message",
                "role": "assistant",
                "content": self._content(),
                "model": self.plan.call.settings.model,
                "stop_reason": stop_reason(self.plan),
                "usage": usage_of(usage),
            }
        )

    def _content(self) -> list[dict[str, object]]:
        text = self.generation.outputs[0].text
        tool = self.plan.tool
        if tool is None:
            return [{"type": "text", "text": text}] if text else []
        # Arguments cut off by max_tokens are no JSON: vLLM fails on them, an empty input is kinder.
        complete = stop_reason(self.plan) != "max_tokens"
        arguments = msgspec.json.decode(text) if complete else {}
        return [tool_use(self.plan, tool.name, arguments)]


def parse(body: bytes, call: Call) -> MessagesExchange:
    """Check a body as vLLM does; raises ApiError, and msgspec's errors where it is not JSON."""
    request = _DECODER.decode(body)
    plan = accept(_chat(request), call)
    return MessagesExchange(plan=plan, events=MessagesEvents(plan=plan) if request.stream else None)


def refusal(error: ApiError) -> dict[str, object]:
    """Anthropic's shape for what the model refuses; FastAPI's own refusals keep OpenAI's."""
    return error.openai() if error.malformed else error.anthropic()


def _chat(request: MessagesRequest) -> ChatRequest:
    system = [Message(role="system", content=request.system)] if request.system else []
    tools = None
    if request.tools is not None:
        tools = [
            FunctionTool(function=Function(name=tool.name, parameters=tool.input_schema))
            for tool in request.tools
        ]
    return ChatRequest(
        messages=[*system, *request.messages],
        model=request.model,
        max_completion_tokens=request.max_tokens,
        stop=request.stop_sequences,
        temperature=request.temperature,
        tools=tools,
        tool_choice=_tool_choice(request.tool_choice),
    )


def _tool_choice(choice: MessageToolChoice | None) -> str | FunctionTool | None:
    if choice is None:
        return None
    if choice.type == "tool":
        return FunctionTool(function=Function(name=choice.name or ""))
    return "required" if choice.type == "any" else choice.type
