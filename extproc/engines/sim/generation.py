"""From prompts and sampling parameters to the sequences that the engine runs."""

from collections.abc import Sequence as Seq
from dataclasses import dataclass

from extproc.engines.sim import tokenizer
from extproc.engines.sim.answer import Output, Sampling, generate, prose
from extproc.engines.sim.errors import ApiError, invalid
from extproc.engines.sim.sequence import FinishReason, Sequence, SequenceGroup
from extproc.engines.sim.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The tokens of a request; `cached` of the prompt's came from the prefix cache, `created` went
    there.
    """

    prompt: int
    completion: int
    cached: int
    created: int = 0

    def openai(self, *, created: bool = True) -> dict[str, object]:
        """The `usage` of a whole answer, with what `--enable-prompt-tokens-details` turns on.

        Completions leave `created_cache_tokens` open.
        """
        details = {
            "cached_tokens": self.cached,
            "created_cache_tokens": self.created if created else None,
            "multimodal_tokens": None,
        }
        return self.counts() | {"prompt_tokens_details": details, "completion_tokens_details": None}

    def streamed(self, *, created: bool = True) -> dict[str, object]:
        """The same at the end of a stream, where vLLM leaves out what is null."""
        details = {"cached_tokens": self.cached}
        if created:
            details["created_cache_tokens"] = self.created
        return self.counts() | {"prompt_tokens_details": details}

    def counts(self) -> dict[str, object]:
        """The three counts alone, in vLLM's order."""
        return {
            "prompt_tokens": self.prompt,
            "total_tokens": self.prompt + self.completion,
            "completion_tokens": self.completion,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """The prompts of a request and `n` outputs for each of them, in order; none for embeddings.

    `budgets` are the tokens that the answers to each prompt may have at most.
    """

    prompts: tuple[tuple[int, ...], ...]
    outputs: tuple[Output, ...] = ()
    budgets: tuple[int, ...] = ()
    n: int = 1

    @property
    def prompt_tokens(self) -> int:
        """The tokens of all prompts, each counted once however many answers it gets."""
        return sum(map(len, self.prompts))

    @property
    def completion_tokens(self) -> int:
        """The tokens of all answers."""
        return sum(len(output.pieces) for output in self.outputs)

    def sequences(self, now: float) -> list[Sequence]:
        """Fresh sequences for the engine, one for each output, that arrive at `now` seconds."""
        if not self.outputs:
            return [_pooling(prompt, now) for prompt in self.prompts]
        return [
            sequence
            for index, prompt in enumerate(self.prompts)
            for sequence in self._group(index, prompt, now)
        ]

    def usage(self, sequences: Seq[Sequence], *, block_size: int) -> Usage:
        """What the request used, once each of its sequences has been scheduled.

        Whole blocks of the prompt go to the prefix cache; a `block_size` of 0 stands for none.
        """
        cached = sum(sequence.cached_tokens or 0 for sequence in sequences[:: self.n])
        whole = sum(len(prompt) - len(prompt) % block_size for prompt in self.prompts if block_size)
        return Usage(
            prompt=self.prompt_tokens,
            completion=self.completion_tokens,
            cached=cached,
            created=max(0, whole - cached),
        )

    def _group(self, index: int, prompt: tuple[int, ...], now: float) -> list[Sequence]:
        group = SequenceGroup(n=self.n, max_tokens=self.budgets[index])
        return [
            Sequence(
                prompt=prompt,
                output=output.tokens,
                finish_reason=output.finish_reason,
                arrived_at=now,
                group=group,
            )
            for output in self.outputs[index * self.n : (index + 1) * self.n]
        ]


def check_limit(max_tokens: int | None, settings: Settings, *, param: str = "max_tokens") -> None:
    """Raises ApiError for more tokens than the context has; what the prompt takes of it is cut
    off later without a word. `param` is the API's name of the limit.
    """
    limit = settings.max_model_len
    if max_tokens is not None and max_tokens > limit:
        raise invalid(
            f"{param}={max_tokens} cannot be greater than max_model_len={limit}. "
            "Please request fewer output tokens.",
            param=param,
            value=max_tokens,
        )


def encode_prompt(text: str, settings: Settings) -> tuple[int, ...]:
    """The tokens of a prompt; raises ApiError where they overflow the context.

    Like vLLM, it stops counting one token beyond what fits: hence the message's `at least`.
    """
    tokens = tokenizer.encode(text, limit=settings.max_model_len + 1)
    check_context(len(tokens), settings)
    return tokens


def check_context(prompt_tokens: int, settings: Settings) -> None:
    """Raises ApiError, in vLLM's words, for a prompt of so many tokens that does not fit."""
    limit = settings.max_model_len
    if prompt_tokens <= limit:
        return
    least = "at least " if prompt_tokens == limit + 1 else ""
    raise invalid(
        f"This model's maximum context length is {limit} tokens. However, your prompt contains "
        f"{least}{prompt_tokens} input tokens, which exceeds this limit even without any output "
        "tokens. Please reduce the length of the input prompt.",
        param="input_tokens",
        value=prompt_tokens,
    )


def plan(
    prompts: Seq[tuple[int, ...]],
    sampling: Sampling,
    settings: Settings,
    *,
    forced: str | None = None,
) -> Generation:
    """Decide every token of the answers; raises ApiError where the context leaves none.

    `forced` is the text that a grammar allows and no other.
    """
    budgets = [_budget(prompt, sampling, settings) for prompt in prompts]
    outputs = [
        _output(prompt, sampling, settings, forced=forced, index=index, budget=budget)
        for prompt, budget in zip(prompts, budgets, strict=True)
        for index in range(sampling.n)
    ]
    return Generation(
        prompts=tuple(prompts), outputs=tuple(outputs), budgets=tuple(budgets), n=sampling.n
    )


def check_sampling(sampling: Sampling) -> None:
    """Raises ApiError, in vLLM's words, for a parameter that is out of range."""
    if sampling.max_tokens is not None and sampling.max_tokens < 1:
        raise _out_of_range("max_tokens", "at least 1", sampling.max_tokens)
    if sampling.n < 1:
        raise ApiError(f"n must be at least 1, got {sampling.n}.")
    if sampling.temperature < 0:
        raise _out_of_range("temperature", "non-negative", sampling.temperature)
    if not 0 < sampling.top_p <= 1:
        raise _out_of_range("top_p", "in (0, 1]", sampling.top_p)
    if sampling.min_tokens < 0:
        raise ApiError(f"min_tokens must be greater than or equal to 0, got {sampling.min_tokens}.")
    if sampling.max_tokens is not None and sampling.min_tokens > sampling.max_tokens:
        raise ApiError(
            f"min_tokens must be less than or equal to max_tokens={sampling.max_tokens}, "
            f"got {sampling.min_tokens}."
        )
    if sampling.temperature == 0 and sampling.n > 1:
        raise ApiError(f"n must be 1 when using greedy sampling, got {sampling.n}.")


def _out_of_range(name: str, bound: str, value: float) -> ApiError:
    return invalid(f"{name} must be {bound}, got {value}.", param=name, value=value)


def _pooling(prompt: tuple[int, ...], now: float) -> Sequence:
    return Sequence(
        prompt=prompt,
        output=(),
        finish_reason=FinishReason.STOP,
        arrived_at=now,
        group=SequenceGroup(n=1, max_tokens=None),
    )


def _budget(prompt: tuple[int, ...], sampling: Sampling, settings: Settings) -> int:
    room = settings.max_model_len - len(prompt)
    budget = room if sampling.max_tokens is None else min(sampling.max_tokens, room)
    if budget < 1:
        raise _out_of_range("max_tokens", "at least 1", budget)
    return budget


def _output(
    prompt: tuple[int, ...],
    sampling: Sampling,
    settings: Settings,
    *,
    forced: str | None,
    index: int,
    budget: int,
) -> Output:
    if forced is not None:
        source = iter(tokenizer.split(forced))
        # A grammar decides where the answer ends, whatever the sampling says.
        return generate(source, natural=None, sampling=Sampling(), budget=budget)
    text, natural = prose(
        model=settings.model, prompt=prompt, sampling=sampling, seed=settings.seed, index=index
    )
    return generate(text, natural=natural, sampling=sampling, budget=budget)
