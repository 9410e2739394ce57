"""One sequence on its way through the engine: what it will say, and how far it has come."""

import enum
from dataclasses import dataclass, field
from typing import final


@final
@enum.unique
class FinishReason(enum.StrEnum):
    """Why a sequence ended; the values of vLLM's `finished_reason` label."""

    STOP = "stop"
    LENGTH = "length"
    ABORT = "abort"
    ERROR = "error"
    REPETITION = "repetition"


@dataclass(slots=True, kw_only=True)
class SequenceGroup:
    """The `n` sequences of one request, which is one in the histograms of parameters.

    `last` is the one that finished last, once all have; `longest` the tokens of the longest.
    """

    n: int
    max_tokens: int | None
    longest: int = 0
    last: "Sequence | None" = None
    _finished: int = field(default=0, init=False)

    def finish(self, sequence: "Sequence") -> None:
        """Note that one of the sequences has finished."""
        self._finished += 1
        self.longest = max(self.longest, sequence.generated)
        if self._finished == self.n:
            self.last = sequence


@dataclass(slots=True, kw_only=True, eq=False)
class Sequence:
    """A prompt and the tokens that will answer it; times are seconds of the scheduler's clock.

    `output` is fixed beforehand: the engine decides when a token comes, never which. An empty
    output is a pooling request, which ends with its prefill.
    """

    prompt: tuple[int, ...]
    output: tuple[int, ...]
    finish_reason: FinishReason
    arrived_at: float
    group: SequenceGroup
    computed: int = 0
    generated: int = 0
    blocks: list[int] = field(default_factory=list)
    published: int = 0
    cached_tokens: int | None = None
    scheduled_at: float = field(init=False)
    first_token_at: float | None = None
    last_token_at: float | None = None
    preemptions: int = 0
    finished: FinishReason | None = None
    _hashes: list[int] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.scheduled_at = self.arrived_at

    @property
    def total(self) -> int:
        """The tokens that exist so far: the prompt and what has been generated."""
        return len(self.prompt) + self.generated

    @property
    def prefilling(self) -> bool:
        """Whether the next step computes prompt, or computes again after a preemption."""
        return self.generated == 0 or self.total - self.computed > 1

    def block_hashes(self, block_size: int) -> list[int]:
        """A hash for every full block, each covering all tokens before it too."""
        while (end := (len(self._hashes) + 1) * block_size) <= self.total:
            parent = self._hashes[-1] if self._hashes else 0
            self._hashes.append(hash((parent, self._tokens(end - block_size, end))))
        return self._hashes

    def _tokens(self, start: int, end: int) -> tuple[int, ...]:
        prompt = len(self.prompt)
        return self.prompt[start:end] + self.output[max(0, start - prompt) : max(0, end - prompt)]
