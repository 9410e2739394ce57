"""POST /v1/completions: vLLM's `text_completion` objects, key for key."""

from dataclasses import dataclass
from typing import Final

import msgspec

from extproc.engines.sim import logprobs, sse
from extproc.engines.sim.answer import Output, Sampling
from extproc.engines.sim.chatrequest import Stop, StreamOptions, stop_strings, usage_wanted
from extproc.engines.sim.completionstream import CompletionEvents, completion
from extproc.engines.sim.errors import invalid
from extproc.engines.sim.exchange import Call, check_logprobs, check_model, fingerprint
from extproc.engines.sim.generation import (
    Generation,
    Usage,
    check_limit,
    check_sampling,
    plan,
)
from extproc.engines.sim.inputs import Input, encode_inputs


class CompletionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that the simulator honours; all others are accepted and ignored."""

    prompt: Input | None = None
    model: str | None = None
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = 16
    min_tokens: int = 0
    stop: Stop = None
    n: int | None = 1
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    ignore_eos: bool = False
    logprobs: int | None = None


_DECODER: Final = msgspec.json.Decoder(CompletionRequest)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionExchange:
    """A completion of one or more prompts, `n` times each."""

    call: Call
    generation: Generation
    events: CompletionEvents | None
    logprobs: int | None

    def answer(self, usage: Usage) -> bytes:
        """The `text_completion` object."""
        choices = [
            self._choice(index, output) for index, output in enumerate(self.generation.outputs)
        ]
        return sse.encode(
            completion(self.call, choices)
            | {
                "service_tier": None,
                "system_fingerprint": fingerprint(self.call.settings),
                "usage": usage.openai(created=False),
                "kv_transfer_params": None,
                "ec_transfer_params": None,
                "metrics": None,
            }
        )

    def _choice(self, index: int, output: Output) -> dict[str, object]:
        return {
            "index": index,
            "text": output.text,
            "logprobs": logprobs.completion(output.pieces, self.logprobs),
            "finish_reason": output.finish_reason,
            "stop_reason": output.stop_reason,
            "token_ids": None,
            "prompt_logprobs": None,
            "prompt_token_ids": None,
            "routed_experts": None,
        }


def parse(body: bytes, call: Call) -> CompletionExchange:
    """Check a body as vLLM does; raises ApiError, and msgspec's errors where it is not JSON."""
    request = _DECODER.decode(body)
    if request.stream_options is not None and not request.stream:
        raise invalid(
            "Stream options can only be defined when `stream=True`.", param="stream_options"
        )
    if request.prompt in (None, ""):
        raise invalid(
            "Either prompt or prompt_embeds must be provided and non-empty.", param="prompt"
        )
    check_model(request.model, call.settings)
    check_logprobs(request.logprobs)
    sampling = Sampling(
        max_tokens=16 if request.max_tokens is None else request.max_tokens,
        min_tokens=request.min_tokens,
        stop=stop_strings(request.stop),
        n=1 if request.n is None else request.n,
        temperature=1.0 if request.temperature is None else request.temperature,
        top_p=1.0 if request.top_p is None else request.top_p,
        seed=request.seed,
        ignore_eos=request.ignore_eos,
    )
    check_sampling(sampling)
    check_limit(sampling.max_tokens, call.settings)
    prompts = encode_inputs(request.prompt, call.settings)
    generation = plan(prompts, sampling, call.settings)
    include_usage, continuous_usage = usage_wanted(
        request.stream_options, forced=call.settings.enable_force_include_usage
    )
    events = CompletionEvents(
        call=call,
        generation=generation,
        include_usage=include_usage,
        continuous_usage=continuous_usage,
        logprobs=request.logprobs,
    )
    return CompletionExchange(
        call=call,
        generation=generation,
        events=events if request.stream else None,
        logprobs=request.logprobs,
    )
