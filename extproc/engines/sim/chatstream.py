"""The chunks of a streamed chat: vLLM's `chat.completion.chunk` objects, key for key."""

from dataclasses import dataclass

from extproc.engines.sim import logprobs, sse
from extproc.engines.sim.chatrequest import ChatPlan
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
            "delta": self._delta(choice, position, output.pieces[position]),
            "logprobs": logprobs.chat(output.pieces[position : position + 1], self.top_logprobs),
            **finish,
            "token_ids": None,
        }
        usage = Usage(prompt=generation.prompt_tokens, completion=position + 1, cached=0)
        return self._chunk(body, usage, {})

    def end(self, usage: Usage) -> bytes:
        """The chunk with the usage, if it was asked for, and the end marker."""
        if not self.include_usage:
            return sse.DONE
        return sse.data(self._head([]) | {"usage": usage.openai()}) + sse.DONE

    def _delta(self, choice: int, position: int, piece: str) -> dict[str, object]:
        tool = self.plan.tool
        if tool is None:
            return {"content": piece}
        if position == 0:
            head = {"id": self.plan.call_ids[choice], "type": "function", "index": 0}
            return {"tool_calls": [head | {"function": {"name": tool.name, "arguments": piece}}]}
        if piece == "":
            return {}
        return {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}

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
        counts = {"usage": usage.counts()} if self.continuous_usage else {}
        return sse.data(self._head([choice]) | counts | extra)
