"""The chunks of a streamed chat: vLLM's `chat.completion.chunk` objects, key for key."""

from dataclasses import dataclass

from extproc.engines.sim import logprobs, sse
from extproc.engines.sim.chatrequest import ChatPlan
from extproc.engines.sim.exchange import fingerprint
from extproc.engines.sim.generation import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatEvents:
    """For each choice a chunk with the role, then one a token; the usage if asked for; the end."""

    plan: ChatPlan
    include_usage: bool
    continuous_usage: bool
    top_logprobs: int | None

    def accepted(self) -> bytes:
        """Nothing: vLLM waits for the first token."""
        return b""

    def begin(self, usage: Usage) -> bytes:
        """The chunk with the role, for each choice."""
        return b"".join(
            self._chunk(
                {
                    "index": index,
                    "delta": {"role": "assistant", "content": ""},
                    "logprobs": None,
                    "finish_reason": None,
                },
                Usage(prompt=usage.prompt, completion=0, cached=0),
                {"prompt_token_ids": None, "prompt_text": None},
            )
            for index in range(len(self.plan.generation.outputs))
        )

    def token(self, choice: int, position: int) -> bytes:
        """The chunk of one token; the last one carries the finish reason."""
        generation = self.plan.generation
        output = generation.outputs[choice]
        finish: dict[str, object] = {"finish_reason": None}
        if position == len(output.pieces) - 1:
            finish = {
                "finish_reason": self.plan.finish_reason(output),
                "stop_reason": output.stop_reason,
            }
        body = {
            "index": choice,
            "delta": self._delta(output.pieces[position]),
            "logprobs": logprobs.chat(output.pieces[position : position + 1], self.top_logprobs),
            **finish,
            "token_ids": None,
        }
        usage = Usage(prompt=generation.prompt_tokens, completion=position + 1, cached=0)
        name = self._name(choice, usage) if position == 0 else b""
        return name + self._chunk(body, usage, {})

    def end(self, usage: Usage) -> bytes:
        """The chunk with the usage, if it was asked for, and the end marker."""
        if not self.include_usage:
            return sse.DONE
        last = {
            "usage": usage.streamed(),
            "system_fingerprint": fingerprint(self.plan.call.settings),
        }
        return sse.data(self._head([]) | last) + sse.DONE

    def _delta(self, piece: str) -> dict[str, object]:
        if piece == "":
            return {}
        if self.plan.tool is None:
            return {"content": piece}
        return _called({"index": 0, "function": {"arguments": piece}})

    def _name(self, choice: int, usage: Usage) -> bytes:
        """The chunk with the called tool's name, which precedes its arguments."""
        tool = self.plan.tool
        if tool is None:
            return b""
        head = {"id": self.plan.call_ids[choice], "type": "function", "index": 0}
        body = {
            "index": choice,
            "delta": _called(head | {"function": {"name": tool.name}}),
            "logprobs": None,
            "finish_reason": None,
            "token_ids": None,
        }
        return self._chunk(body, usage, {})

    def _head(self, choices: list[dict[str, object]]) -> dict[str, object]:
        call = self.plan.call
        return {
            "id": f"chatcmpl-{call.request_id}",
            "object": "chat.completion.chunk",
            "created": call.created,
            "model": call.settings.model,
            "choices": choices,
        }

    def _chunk(self, choice: dict[str, object], usage: Usage, extra: dict[str, object]) -> bytes:
        counts = {}
        if self.continuous_usage:
            counts = {"usage": usage.counts() | {"completion_tokens_details": None}}
        return sse.data(self._head([choice]) | counts | extra)


def _called(call: dict[str, object]) -> dict[str, object]:
    return {"content": None, "tool_calls": [call]}
