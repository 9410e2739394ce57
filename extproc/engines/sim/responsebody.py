"""The `response` object of vLLM, as it stands before, during and after the generation."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from extproc.engines.sim.chatrequest import ChatPlan
from extproc.engines.sim.generation import Usage
from extproc.engines.sim.sequence import FinishReason

# The order of the keys in a response; what `echo` does not give stays null.
_KEYS: Final = (
    "id", "created_at", "incomplete_details", "instructions", "metadata", "model", "object",
    "output", "parallel_tool_calls", "temperature", "tool_choice", "tools", "top_p", "background",
    "max_output_tokens", "max_tool_calls", "previous_response_id", "prompt", "reasoning",
    "service_tier", "status", "text", "top_logprobs", "truncation", "usage", "user",
    "presence_penalty", "frequency_penalty", "kv_transfer_params", "ec_transfer_params",
    "input_messages", "output_messages",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseBody:
    """One response; `echo` holds the request's fields that a response repeats."""

    plan: ChatPlan
    echo: Mapping[str, object]
    id: str = field(default_factory=lambda: f"resp_{uuid.uuid4().hex}")
    item_id: str = field(default_factory=lambda: f"msg_{uuid.uuid4().hex}")

    @property
    def text(self) -> str:
        """The text of the message, or the arguments of the call."""
        return self.plan.generation.outputs[0].text

    def started(self) -> dict[str, object]:
        """The response before the first token."""
        return self._object({"status": "in_progress", "output": []})

    def finished(self, usage: Usage) -> dict[str, object]:
        """The response after the last token."""
        cut = self.plan.generation.outputs[0].finish_reason is FinishReason.LENGTH
        return self._object(
            {
                "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
                "status": "incomplete" if cut else "completed",
                "output": [self.item("completed")],
                "usage": _usage(usage),
            }
        )

    def item(self, status: str) -> dict[str, object]:
        """The output item; while `status` is `in_progress` it is empty."""
        begun = status == "in_progress"
        tool = self.plan.tool
        if tool is not None:
            return {
                "arguments": "" if begun else self.text,
                "call_id": self.plan.call_ids[0],
                "name": tool.name,
                "type": "function_call",
                "id": self.item_id,
                "status": status,
            }
        return {
            "id": self.item_id,
            "content": [] if begun else [part(self.text)],
            "role": "assistant",
            "status": status,
            "type": "message",
            "phase": None,
        }

    def _object(self, state: Mapping[str, object]) -> dict[str, object]:
        known = {
            "id": self.id,
            "created_at": self.plan.call.created,
            "model": self.plan.call.settings.model,
            "object": "response",
            "background": False,
            "service_tier": "auto",
            "truncation": "disabled",
            **self.echo,
            **state,
        }
        return {key: known.get(key) for key in _KEYS}


def part(text: str, *, begun: bool = False) -> dict[str, object]:
    """The content part of a message; the log probabilities of one that has `begun` are none."""
    logprobs: list[object] | None = [] if begun else None
    return {"annotations": [], "text": text, "type": "output_text", "logprobs": logprobs}


def _usage(usage: Usage) -> dict[str, object]:
    return {
        "input_tokens": usage.prompt,
        "input_tokens_details": {
            "cached_tokens": usage.cached,
            "cache_write_tokens": usage.created,
            "input_tokens_per_turn": [],
            "cached_tokens_per_turn": [],
        },
        "output_tokens": usage.completion,
        "output_tokens_details": {
            "reasoning_tokens": 0,
            "tool_output_tokens": 0,
            "output_tokens_per_turn": [],
            "tool_output_tokens_per_turn": [],
        },
        "total_tokens": usage.prompt + usage.completion,
    }
