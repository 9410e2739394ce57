"""A chat request: its fields, vLLM's checks of them, and what they make the engine do.

The APIs of responses and of messages are chats in other words, as they are in vLLM: they build a
`ChatRequest` and take the same way.
"""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from extproc.engines.sim import conversation, sse, toolcalls
from extproc.engines.sim.answer import Output, Sampling
from extproc.engines.sim.conversation import Turn, text_of
from extproc.engines.sim.errors import ApiError, invalid
from extproc.engines.sim.exchange import Call, check_model
from extproc.engines.sim.generation import (
    Generation,
    check_limit,
    check_sampling,
    encode_prompt,
    plan,
)
from extproc.engines.sim.sequence import FinishReason
from extproc.engines.sim.structured import ResponseFormat, forced_text, satisfying
from extproc.engines.sim.toolcalls import Tool, ToolChoice

Stop = str | Annotated[list[str], msgspec.Meta(max_length=4)] | None


class StreamOptions(msgspec.Struct, frozen=True):
    """What a stream tells besides the text."""

    include_usage: bool | None = False
    continuous_usage_stats: bool | None = False


class Message(msgspec.Struct, frozen=True):
    """One message of the conversation; parts of other kinds than text are kept as they are."""

    role: str
    content: str | list[dict[str, Any]] | None = None
    tool_calls: list[dict[str, Any]] | None = None


class Function(msgspec.Struct, frozen=True):
    """A function's definition, or its name alone in `tool_choice`."""

    name: str
    parameters: dict[str, Any] | None = None


class FunctionTool(msgspec.Struct, frozen=True):
    """A tool, or a `tool_choice` that names one."""

    function: Function


class ChatRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that the simulator honours; all others are accepted and ignored."""

    messages: list[Message]
    model: str | None = None
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    min_tokens: int = 0
    stop: Stop = None
    n: int | None = 1
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    ignore_eos: bool = False
    logprobs: bool | None = False
    top_logprobs: int | None = 0
    tools: list[FunctionTool] | None = None
    tool_choice: str | FunctionTool | None = None
    response_format: ResponseFormat | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatPlan:
    """A chat request that has passed every check; `tool` is what all its answers call, if any."""

    call: Call
    generation: Generation
    tool: Tool | None
    named: bool
    call_ids: tuple[str, ...]

    def finish_reason(self, output: Output) -> str:
        """OpenAI's reason: a named tool's call ends with `stop`, any other with `tool_calls`."""
        if self.tool is not None and not self.named and output.finish_reason is FinishReason.STOP:
            return "tool_calls"
        return output.finish_reason


def accept(request: ChatRequest, call: Call, *, limit: str | None = None) -> ChatPlan:
    """Check a request in vLLM's order; raises ApiError. `limit` is the API's name of the answer's
    bound, where that is not the chat's own.
    """
    check_model(request.model, call.settings)
    if not request.messages:
        raise ApiError(
            "Cannot apply chat template to an empty conversation. Provide at least one message."
        )
    sampling = _sampling(request)
    check_sampling(sampling)
    choice = _tool_choice(request)
    tool = toolcalls.choose(_tools(request), choice, conversation.asked(_turns(request)))
    forced = forced_text(request.response_format, model=call.settings.model)
    if tool is not None:
        forced = satisfying(tool.parameters)
    own = "max_tokens" if request.max_completion_tokens is None else "max_completion_tokens"
    check_limit(sampling.max_tokens, call.settings, param=limit or own)
    prompt = encode_prompt(prompt_of(request), call.settings)
    return ChatPlan(
        call=call,
        generation=plan([prompt], sampling, call.settings, forced=forced),
        tool=tool,
        named=choice.named is not None,
        call_ids=tuple(toolcalls.call_id() for _ in range(sampling.n)),
    )


def prompt_of(request: ChatRequest) -> str:
    """The prompt that the chat template makes of a request."""
    return conversation.render(_turns(request), _tools(request))


def check_combinations(request: ChatRequest) -> None:
    """Raises ApiError for fields that contradict each other."""
    if request.stream_options is not None and not request.stream:
        raise invalid(
            "Stream options can only be defined when `stream=True`.", param="stream_options"
        )
    if request.top_logprobs and not request.logprobs:
        raise invalid(
            "when using `top_logprobs`, `logprobs` must be set to true.", param="top_logprobs"
        )
    if request.tools == []:
        raise invalid(
            "`tools` must not be an empty array. "
            "Either provide at least one tool or omit the field entirely.",
            param="tools",
        )
    if request.tool_choice not in (None, "none") and request.tools is None:
        raise invalid("When using `tool_choice`, `tools` must be set.", param="tool_choice")


def usage_wanted(options: StreamOptions | None, *, forced: bool) -> tuple[bool, bool]:
    """Whether a stream ends with its usage, and whether every chunk carries it too."""
    if forced or options is None:
        return forced, forced
    include = bool(options.include_usage)
    return include, include and bool(options.continuous_usage_stats)


def stop_strings(stop: Stop) -> tuple[str, ...]:
    """The stop strings of a request, given as one, several or none."""
    if stop is None:
        return ()
    return (stop,) if isinstance(stop, str) else tuple(stop)


def _sampling(request: ChatRequest) -> Sampling:
    limit = request.max_completion_tokens
    return Sampling(
        max_tokens=request.max_tokens if limit is None else limit,
        min_tokens=request.min_tokens,
        stop=stop_strings(request.stop),
        n=1 if request.n is None else request.n,
        temperature=1.0 if request.temperature is None else request.temperature,
        top_p=1.0 if request.top_p is None else request.top_p,
        seed=request.seed,
        ignore_eos=request.ignore_eos,
    )


def _tools(request: ChatRequest) -> list[Tool]:
    return [
        Tool(name=tool.function.name, parameters=tool.function.parameters or {})
        for tool in request.tools or []
    ]


def _tool_choice(request: ChatRequest) -> ToolChoice:
    choice = request.tool_choice
    if isinstance(choice, FunctionTool):
        name = choice.function.name
        if name not in {tool.name for tool in _tools(request)}:
            raise invalid(
                "The tool specified in `tool_choice` does not match any of the specified `tools`",
                param="tool_choice",
            )
        return ToolChoice(named=name)
    if choice not in (None, "none", "auto", "required"):
        raise invalid(
            f"Invalid value for `tool_choice`: {choice}! "
            'Only named tools, "none", "auto" or "required" are supported.',
            param="tool_choice",
        )
    return ToolChoice(allowed=choice != "none", required=choice == "required")


def _turns(request: ChatRequest) -> list[Turn]:
    return [
        Turn(role=message.role, text=text_of(message.content) + _calls(message))
        for message in request.messages
    ]


def _calls(message: Message) -> str:
    return sse.encode(message.tool_calls).decode() if message.tool_calls else ""
