"""What the simulated model says: fixed by its name, the prompt, the seeds and the choice."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from extproc.engines.sim import tokenizer
from extproc.engines.sim.sequence import FinishReason

_WORDS: Final = (
    "the", "tier", "that", "took", "this", "call", "sees", "each", "word", "as", "one", "token",
    "and", "no", "more", "so", "it", "can", "only", "count", "them", "while", "time", "goes", "by",
    "step", "after", "step", "with", "cache", "block", "batch", "queue", "prompt", "is", "kept",
)  # fmt: skip
_MEDIAN_TOKENS: Final = 96
_SPREAD: Final = 0.5
_MAX_NATURAL_TOKENS: Final = 1024
_WORDS_PER_SENTENCE: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How many answers and how long; None leaves the length to the model and the context.

    Raises nothing: the values have been checked where the request was parsed.
    """

    max_tokens: int | None = None
    min_tokens: int = 0
    stop: tuple[str, ...] = ()
    n: int = 1
    temperature: float = 1.0
    top_p: float = 1.0
    seed: int | None = None
    ignore_eos: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One answer: the text that each generated token adds, the end-of-text token adding none."""

    pieces: tuple[str, ...]
    finish_reason: FinishReason
    stop_reason: str | None = None

    @property
    def text(self) -> str:
        """The whole answer."""
        return "".join(self.pieces)

    @property
    def tokens(self) -> tuple[int, ...]:
        """The ids of the generated tokens."""
        return tuple(tokenizer.token_id(piece) for piece in self.pieces)


def prose(
    *, model: str, prompt: Sequence[int], sampling: Sampling, seed: int, index: int
) -> tuple[Iterator[str], int]:
    """An endless text that begins with the model's name, and the token after which it would end.

    Greedy sampling ignores the request's seed, as every seed then gives the same text.
    """
    request_seed = sampling.seed if sampling.temperature > 0 else None
    # hash() of numbers, unlike that of text, is the same in every process.
    generator = random.Random(f"{model}/{hash(tuple(prompt))}/{seed}/{request_seed}/{index}")  # noqa: S311
    length = int(generator.lognormvariate(0.0, _SPREAD) * _MEDIAN_TOKENS)
    head = tokenizer.split(f"This is {model}, simulated. I read {len(prompt)} tokens:")
    natural = min(max(length, len(head) + 1), _MAX_NATURAL_TOKENS)
    return chain(head, _words(generator)), natural


def generate(
    source: Iterator[str], *, natural: int | None, sampling: Sampling, budget: int
) -> Output:
    """Take tokens from `source` until it, a stop string or `budget` (tokens, above 0) ends.

    `natural` tokens are followed by the end of the text; None means that the source's end is.
    """
    pieces: list[str] = []
    text = ""
    lookback = max(map(len, sampling.stop), default=1) - 1
    for piece in source:
        start = max(0, len(text) - lookback)
        pieces.append(piece)
        text += piece
        free_to_end = len(pieces) >= sampling.min_tokens
        if free_to_end and (found := _find(text, sampling.stop, start)):
            return _stopped(pieces, *found)
        if len(pieces) == budget:
            return Output(pieces=tuple(pieces), finish_reason=FinishReason.LENGTH)
        if len(pieces) == max(natural or 0, sampling.min_tokens) and not sampling.ignore_eos:
            break
    return Output(pieces=(*pieces, ""), finish_reason=FinishReason.STOP)


def _words(generator: random.Random) -> Iterator[str]:
    while True:
        for _ in range(_WORDS_PER_SENTENCE):
            yield f" {generator.choice(_WORDS)}"
        yield "."


def _find(text: str, stops: tuple[str, ...], start: int) -> tuple[int, str] | None:
    hits = [(at, stop) for stop in stops if stop and (at := text.find(stop, start)) >= 0]
    return min(hits, default=None)


def _stopped(pieces: list[str], end: int, stop: str) -> Output:
    visible: list[str] = []
    for piece in pieces:
        visible.append(piece[: max(0, end)])
        end -= len(piece)
    return Output(pieces=tuple(visible), finish_reason=FinishReason.STOP, stop_reason=stop)
