"""POST /v1/chat/completions: vLLM's `chat.completion` object, key for key."""

from dataclasses import dataclass
from typing import Final

import msgspec

from extproc.engines.sim import logprobs, sse
from extproc.engines.sim.answer import Output
from extproc.engines.sim.chatrequest import (
    ChatPlan,
    ChatRequest,
    accept,
    check_combinations,
    usage_wanted,
)
from extproc.engines.sim.chatstream import ChatEvents
from extproc.engines.sim.exchange import Call, check_logprobs, fingerprint
from extproc.engines.sim.generation import Generation, Usage

_DECODER: Final = msgspec.json.Decoder(ChatRequest)
_NULLS: Final = {"refusal": None, "annotations": None, "audio": None, "function_call": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatExchange:
    """A chat and its answer; `top_logprobs` is None where log probabilities were not asked for."""

    plan: ChatPlan
    events: ChatEvents | None
    top_logprobs: int | None

    @property
    def generation(self) -> Generation:
        """What the engine is asked for."""
        return self.plan.generation

    def answer(self, usage: Usage) -> bytes:
        """The `chat.completion` object."""
        return sse.encode(
            {
                "id": f"chatcmpl-{self.plan.call.request_id}",
                "object": "chat.completion",
                "created": self.plan.call.created,
                "model": self.plan.call.settings.model,
                "choices": [
                    self._choice(index, output)
                    for index, output in enumerate(self.generation.outputs)
                ],
                "service_tier": None,
                "system_fingerprint": fingerprint(self.plan.call.settings),
                "usage": usage.openai(),
                "prompt_logprobs": None,
                "prompt_token_ids": None,
                "prompt_text": None,
                "kv_transfer_params": None,
                "ec_transfer_params": None,
                "metrics": None,
            }
        )

    def _choice(self, index: int, output: Output) -> dict[str, object]:
        return {
            "index": index,
            "message": self._message(index, output),
            "logprobs": logprobs.chat(output.pieces, self.top_logprobs),
            "finish_reason": self.plan.finish_reason(output),
            "stop_reason": output.stop_reason,
            "token_ids": None,
            "routed_experts": None,
        }

    def _message(self, index: int, output: Output) -> dict[str, object]:
        tool = self.plan.tool
        if tool is None:
            return {"role": "assistant", "content": output.text, **_NULLS, "reasoning": None}
        call = {
            "id": self.plan.call_ids[index],
            "type": "function",
            "function": {"name": tool.name, "arguments": output.text},
        }
        message = {"role": "assistant", "content": "", **_NULLS}
        return {**message, "tool_calls": [call], "reasoning": None}


def parse(body: bytes, call: Call) -> ChatExchange:
    """Check a body as vLLM does; raises ApiError, and msgspec's errors where it is not JSON."""
    request = _DECODER.decode(body)
    check_combinations(request)
    check_logprobs(request.top_logprobs)
    plan = accept(request, call)
    include_usage, continuous_usage = usage_wanted(
        request.stream_options, forced=call.settings.enable_force_include_usage
    )
    top_logprobs = request.top_logprobs or 0 if request.logprobs else None
    events = ChatEvents(
        plan=plan,
        include_usage=include_usage,
        continuous_usage=continuous_usage,
        top_logprobs=top_logprobs,
    )
    return ChatExchange(
        plan=plan, events=events if request.stream else None, top_logprobs=top_logprobs
    )
