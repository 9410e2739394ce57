"""How long one judgement takes on one core: processor time, which other processes do not add to."""

import time
from collections.abc import Iterator
from typing import Final

import numpy as np

from extproc.request import Conversation, Segment
from extproc.signals.semantic import Semantic

SENTENCE: Final = "Explain why every continuous function on a closed interval has an integral. "
"""Thirteen pieces: repeated, it makes a prompt of any length."""
SIZES: Final = (25, 2_000, 8_000, 100_000)
_PIECES: Final = 13


def table(semantic: Semantic, rounds: int = 2_000) -> Iterator[str]:
    """Median and 99th percentile in microseconds by the prompt's length, as Markdown."""
    yield "| tokens | p50 µs | p99 µs |"
    yield "|---|---|---|"
    for size in SIZES:
        text = SENTENCE * -(-size // _PIECES)
        middle, high = np.quantile(times(semantic, text, rounds), (0.5, 0.99))
        yield f"| {size} | {1e6 * middle:.0f} | {1e6 * high:.0f} |"


def times(semantic: Semantic, text: str, rounds: int) -> list[float]:
    """Processor seconds of each of so many judgements of one message."""
    conversation = Conversation(segments=(Segment("user", text),), user_turns=1)
    found: list[float] = []
    for _ in range(rounds):
        started = time.thread_time()
        semantic.score(conversation)
        found.append(time.thread_time() - started)
    return found
