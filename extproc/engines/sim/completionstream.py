"""The chunks of a streamed completion: vLLM's `text_completion` objects, key for key."""

from dataclasses import dataclass

from extproc.engines.sim import logprobs, sse
from extproc.engines.sim.exchange import Call, fingerprint
from extproc.engines.sim.generation import Generation, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionEvents:
    """One chunk for each token, the usage if asked for, the end marker."""

    call: Call
    generation: Generation
    include_usage: bool
    continuous_usage: bool
    logprobs: int | None

    def accepted(self) -> bytes:
        """Nothing: vLLM waits for the first token."""
        return b""

    def begin(self, usage: Usage) -> bytes:
        """Nothing: a completion has no role to announce."""
        del usage
        return b""

    def token(self, choice: int, position: int) -> bytes:
        """The chunk of one token; the last one carries the finish reason."""
        output = self.generation.outputs[choice]
        last = position == len(output.pieces) - 1
        chosen = {
            "index": choice,
            "text": output.pieces[position],
            "logprobs": logprobs.completion(
                output.pieces[position : position + 1],
                self.logprobs,
                offset=sum(map(len, output.pieces[:position])),
            ),
            "finish_reason": output.finish_reason if last else None,
            "stop_reason": output.stop_reason if last else None,
            "prompt_token_ids": None,
            "token_ids": None,
        }
        prompt = self.generation.prompts[choice // self.generation.n]
        counts = Usage(prompt=len(prompt), completion=position + 1, cached=0).counts()
        usage = {"usage": counts} if self.continuous_usage else {}
        return sse.data(completion(self.call, [chosen]) | usage)

    def end(self, usage: Usage) -> bytes:
        """The chunk with the usage, if it was asked for, and the end marker."""
        if not self.include_usage:
            return sse.DONE
        last = {
            "usage": usage.streamed(created=False),
            "system_fingerprint": fingerprint(self.call.settings),
        }
        return sse.data(completion(self.call, []) | last) + sse.DONE


def completion(call: Call, choices: list[dict[str, object]]) -> dict[str, object]:
    """The head of a completion, whole or streamed."""
    return {
        "id": f"cmpl-{call.request_id}",
        "object": "text_completion",
        "created": call.created,
        "model": call.settings.model,
        "choices": choices,
    }
