"""The events of a streamed message, as vLLM translates them from the chunks of a chat."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from extproc.engines.sim import sse
from extproc.engines.sim.chatrequest import ChatPlan
from extproc.engines.sim.generation import Usage

_STOP_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
)


@dataclass(slots=True, kw_only=True)
class MessagesEvents:
    """One content block: text that grows by each token, or the input of a tool."""

    plan: ChatPlan
    _open: bool = field(default=False, init=False)

    def accepted(self) -> bytes:
        """Nothing: vLLM waits for the first token."""
        return b""

    def begin(self, usage: Usage) -> bytes:
        """The empty message."""
        message: dict[str, object] = {
            "id": message_id(self.plan),
            "type": "message",
            "role": "assistant",
            "content": [],
            "model": self.plan.call.settings.model,
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": usage.prompt, "output_tokens": 0},
        }
        return sse.event("message_start", {"type": "message_start", "message": message})

    def token(self, choice: int, position: int) -> bytes:
        """The delta of one token, after the start of the block where it is the first with text."""
        piece = self.plan.generation.outputs[choice].pieces[position]
        if not piece:
            return b""
        start = b"" if self._open else self._start()
        self._open = True
        delta = (
            {"type": "text_delta", "text": piece}
            if self.plan.tool is None
            else {"type": "input_json_delta", "partial_json": piece}
        )
        payload = {"type": "content_block_delta", "delta": delta, "index": 0}
        return start + sse.event("content_block_delta", payload)

    def end(self, usage: Usage) -> bytes:
        """The end of the block and of the message, with the usage between them."""
        stop = sse.event("content_block_stop", {"type": "content_block_stop", "index": 0})
        delta = {
            "type": "message_delta",
            "delta": {"stop_reason": stop_reason(self.plan), "stop_sequence": None},
            "usage": usage_of(usage),
        }
        return (
            (stop if self._open else b"")
            + sse.event("message_delta", delta)
            + sse.event("message_stop", {"type": "message_stop"})
        )

    def _start(self) -> bytes:
        tool = self.plan.tool
        block: dict[str, object] = {"type": "text", "text": ""}
        if tool is not None:
            block = tool_use(self.plan, tool.name, {})
        payload = {"type": "content_block_start", "content_block": block, "index": 0}
        return sse.event("content_block_start", payload)


def message_id(plan: ChatPlan) -> str:
    """The id of the message, which is that of the chat."""
    return f"chatcmpl-{plan.call.request_id}"


def stop_reason(plan: ChatPlan) -> str:
    """Anthropic's name for the reason why the message ended."""
    return _STOP_REASONS[plan.finish_reason(plan.generation.outputs[0])]


def tool_use(plan: ChatPlan, name: str, arguments: object) -> dict[str, object]:
    """The content block of a tool call."""
    return {"type": "tool_use", "id": plan.call_ids[0], "name": name, "input": arguments}


def usage_of(usage: Usage) -> dict[str, object]:
    """Anthropic's counts of tokens: the cache's share is not in those of the input."""
    return {
        "input_tokens": max(0, usage.prompt - usage.cached - usage.created),
        "output_tokens": usage.completion,
        "cache_creation_input_tokens": usage.created,
        "cache_read_input_tokens": usage.cached,
    }
