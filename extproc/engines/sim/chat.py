"""POST /v1/chat/completions: vLLM's request checks, response and chunks, key for key."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from extproc.engines.sim import conversation, logprobs, sse, toolcalls
from extproc.engines.sim.answer import Output, Sampling
from extproc.engines.sim.conversation import Turn, text_of
from extproc.engines.sim.errors import ApiError, contradictory
from extproc.engines.sim.exchange import Call, check_logprobs, check_model
from extproc.engines.sim.generation import (
    Generation,
    Usage,
    check_sampling,
    encode_prompt,
    plan,
)
from extproc.engines.sim.sequence import FinishReason
from extproc.engines.sim.toolcalls import Tool, ToolChoice


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
    stop: str | list[str] | None = None
    n: int | None = 1
    temperature: float | None = None
    seed: int | None = None
    ignore_eos: bool = False
    logprobs: bool | None = False
    top_logprobs: int | None = 0
    tools: list[FunctionTool] | None = None
    tool_choice: str | FunctionTool | None = None


_DECODER: Final = msgspec.json.Decoder(ChatRequest)
_NULLS: Final = {"refusal": None, "annotations": None, "audio": None, "function_call": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatExchange:
    """A chat request that has passed every check, and the wording of its answer."""

    call: Call
    generation: Generation
    stream: bool
    include_usage: bool
    continuous_usage: bool
    top_logprobs: int | None
    tool: Tool | None
    named: bool
    call_ids: tuple[str, ...] = field(default=())

    def answer(self, usage: Usage) -> bytes:
        """The `chat.completion` object."""
        return sse.encode(
            {
                "id": self.id,
                "object": "chat.completion",
                "created": self.call.created,
                "model": self.call.settings.model,
                "choices": [
                    self._choice(index, output)
                    for index, output in enumerate(self.generation.outputs)
                ],
                "service_tier": None,
                "system_fingerprint": None,
                "usage": usage.openai(),
                "prompt_logprobs": None,
                "prompt_token_ids": None,
                "prompt_text": None,
                "kv_transfer_params": None,
                "ec_transfer_params": None,
                "metrics": None,
            }
        )

    def begin(self, usage: Usage) -> bytes:
        """The chunk with the role, for each choice."""
        counts = Usage(prompt=usage.prompt, completion=0, cached=0)
        return b"".join(
            self._chunk(
                {
                    "index": index,
                    "delta": {"role": "assistant", "content": ""},
                    "logprobs": None,
                    "finish_reason": None,
                },
                counts,
                {"prompt_token_ids": None, "prompt_text": None},
            )
            for index in range(len(self.generation.outputs))
        )

    def token(self, choice: int, position: int) -> bytes:
        """The chunk of one token; the last one carries the finish reason."""
        output = self.generation.outputs[choice]
        last = position == len(output.pieces) - 1
        finish: dict[str, object] = {"finish_reason": self.finish_reason(output) if last else None}
        if last:
            finish["stop_reason"] = output.stop_reason
        body = {
            "index": choice,
            "delta": self.delta(choice, position),
            "logprobs": self._logprobs(output.pieces[position : position + 1]),
            **finish,
            "token_ids": None,
        }
        prompt = self.generation.prompt_tokens
        return self._chunk(body, Usage(prompt=prompt, completion=position + 1, cached=0), {})

    def end(self, usage: Usage) -> bytes:
        """The chunk with the usage, if it was asked for, and the end marker."""
        if not self.include_usage:
            return sse.DONE
        return sse.data(self._head([]) | {"usage": usage.openai()}) + sse.DONE

    @property
    def id(self) -> str:
        """The id of the completion."""
        return f"chatcmpl-{self.call.request_id}"

    def delta(self, choice: int, position: int) -> dict[str, object]:
        """What one token adds to the message."""
        piece = self.generation.outputs[choice].pieces[position]
        if self.tool is None:
            return {"content": piece}
        if position == 0:
            function = {"name": self.tool.name, "arguments": piece}
            head = {"id": self.call_ids[choice], "type": "function"}
            return {"tool_calls": [head | {"index": 0, "function": function}]}
        if piece == "":
            return {}
        return {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}

    def finish_reason(self, output: Output) -> str:
        """OpenAI's reason; a named tool ends with `stop`, any other with `tool_calls`."""
        if self.tool is not None and not self.named and output.finish_reason is FinishReason.STOP:
            return "tool_calls"
        return output.finish_reason

    def _choice(self, index: int, output: Output) -> dict[str, object]:
        return {
            "index": index,
            "message": self._message(index, output),
            "logprobs": self._logprobs(output.pieces),
            "finish_reason": self.finish_reason(output),
            "stop_reason": output.stop_reason,
            "token_ids": None,
            "routed_experts": None,
        }

    def _message(self, index: int, output: Output) -> dict[str, object]:
        if self.tool is None:
            return {"role": "assistant", "content": output.text, **_NULLS, "reasoning": None}
        function = {"name": self.tool.name, "arguments": output.text}
        calls = [{"id": self.call_ids[index], "type": "function", "function": function}]
        head = {"role": "assistant", "content": "", **_NULLS}
        return {**head, "tool_calls": calls, "reasoning": None}

    def _logprobs(self, pieces: Sequence[str]) -> dict[str, object] | None:
        return None if self.top_logprobs is None else logprobs.chat(pieces, self.top_logprobs)

    def _head(self, choices: list[dict[str, object]]) -> dict[str, object]:
        return {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.call.created,
            "model": self.call.settings.model,
            "choices": choices,
        }

    def _chunk(self, choice: dict[str, object], usage: Usage, extra: dict[str, object]) -> bytes:
        counts = {"usage": usage.counts()} if self.continuous_usage else {}
        return sse.data(self._head([choice]) | counts | extra)


def parse(body: bytes, call: Call) -> ChatExchange:
    """Check a body as vLLM does; raises ApiError, and msgspec's errors where it is not JSON."""
    request = _DECODER.decode(body)
    return exchange(request, call)


def exchange(request: ChatRequest, call: Call) -> ChatExchange:
    """The exchange for a decoded request; raises ApiError."""
    _check_combinations(request)
    check_model(request.model, call.settings)
    check_logprobs(request.top_logprobs)
    if not request.messages:
        # What the chat templates of both served model families say.
        raise ApiError("list object has no element 0")
    sampling = _sampling(request)
    check_sampling(sampling)
    tools, choice = _tools(request)
    turns = [_turn(message) for message in request.messages]
    tool = toolcalls.choose(tools, choice, conversation.asked(turns))
    prompt = encode_prompt(
        conversation.render(turns, tools), call.settings, max_tokens=sampling.max_tokens
    )
    include_usage, continuous = usage_wanted(
        request.stream_options, forced=call.settings.enable_force_include_usage
    )
    return ChatExchange(
        call=call,
        generation=plan([prompt], sampling, call.settings, tool=tool),
        stream=bool(request.stream),
        include_usage=include_usage,
        continuous_usage=continuous,
        top_logprobs=request.top_logprobs or 0 if request.logprobs else None,
        tool=tool,
        named=choice.named is not None,
        call_ids=tuple(toolcalls.call_id() for _ in range(sampling.n)),
    )


def usage_wanted(options: StreamOptions | None, *, forced: bool) -> tuple[bool, bool]:
    """Whether a stream ends with its usage, and whether every chunk carries it too."""
    if options is None:
        return forced, False
    include = bool(options.include_usage) or forced
    return include, include and bool(options.continuous_usage_stats)


def _check_combinations(request: ChatRequest) -> None:
    if request.stream_options is not None and not request.stream:
        raise contradictory(
            "Stream options can only be defined when `stream=True`.", param="stream_options"
        )
    if request.top_logprobs and not request.logprobs:
        raise contradictory(
            "when using `top_logprobs`, `logprobs` must be set to true.", param="top_logprobs"
        )
    if request.tools == []:
        raise contradictory(
            "`tools` must not be an empty array. "
            "Either provide at least one tool or omit the field entirely.",
            param="tools",
        )
    if request.tool_choice not in (None, "none") and request.tools is None:
        raise contradictory("When using `tool_choice`, `tools` must be set.", param="tool_choice")


def _sampling(request: ChatRequest) -> Sampling:
    limit = request.max_completion_tokens
    return Sampling(
        max_tokens=request.max_tokens if limit is None else limit,
        min_tokens=request.min_tokens,
        stop=stop_strings(request.stop),
        n=1 if request.n is None else request.n,
        temperature=1.0 if request.temperature is None else request.temperature,
        seed=request.seed,
        ignore_eos=request.ignore_eos,
    )


def stop_strings(stop: str | list[str] | None) -> tuple[str, ...]:
    """The stop strings of a request, given as one, several or none."""
    if stop is None:
        return ()
    return (stop,) if isinstance(stop, str) else tuple(stop)


def _tools(request: ChatRequest) -> tuple[list[Tool], ToolChoice]:
    tools = [
        Tool(name=tool.function.name, parameters=tool.function.parameters or {})
        for tool in request.tools or []
    ]
    choice = request.tool_choice
    if isinstance(choice, FunctionTool):
        name = choice.function.name
        if name not in {tool.name for tool in tools}:
            raise contradictory(
                "The tool specified in `tool_choice` does not match any of the specified `tools`",
                param="tool_choice",
            )
        return tools, ToolChoice(named=name)
    if choice not in (None, "none", "auto", "required"):
        raise contradictory(
            f"Invalid value for `tool_choice`: {choice}! "
            'Only named tools, "none", "auto" or "required" are supported.',
            param="tool_choice",
        )
    return tools, ToolChoice(allowed=choice != "none", required=choice == "required")


def _turn(message: Message) -> Turn:
    calls = sse.encode(message.tool_calls).decode() if message.tool_calls else ""
    return Turn(role=message.role, text=text_of(message.content) + calls)
