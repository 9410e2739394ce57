"""Facts extracted from a request, as numbers under names.

A signal is a pure function of the request: total, without I/O, bounded by the config. One that has
nothing to say leaves its name out, so no rule can mistake silence for zero.

    prompt_tokens          estimated tokens of all text
    output_tokens          the most that the client allows, where it says
    turns                  messages of the user
    tools                  tools offered
    tool_results           answers of tools
    tool_loop              1 where the last word is a tool's
    images                 images in the conversation
    structured_output      1 where the answer must have a shape
    code, mathematics      1 where the text that was read shows it
    keywords.<list>        1 where the text that was read holds a word of that list
    effort                 the client's wish, 0 (none) to 1 (the most)
    difficulty             P(a small model's answer is not good enough); where it is enabled
    difficulty.coverage    the share of the text on which that rests
    domain.<name>          how much the text belongs to each domain; they add up to 1
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from extproc import config
from extproc.request import InferenceRequest
from extproc.signals.content import Content
from extproc.signals.conversation import Conversation
from extproc.signals.effort import Effort
from extproc.signals.length import Length

__all__ = ["Extraction", "Extractor", "Signal"]


class Signal(Protocol):
    """A family of facts that are found together."""

    @property
    def names(self) -> Collection[str]:
        """Every name that it can give a value."""

    def __call__(self, request: InferenceRequest, excerpt: str) -> Mapping[str, float]:
        """The facts of one request; `excerpt` is the text that may be searched."""


class Extraction(Struct, frozen=True, kw_only=True, gc=False):
    """All signals of a request, and the share of its text that was read (0 to 1), None where no
    text had to be.
    """

    values: Mapping[str, float] = {}
    coverage: float | None = None


class Extractor:
    """Runs every signal over a request. ConfigError where a keyword cannot be searched for."""

    def __init__(self, config: config.Signals) -> None:
        self._limit = config.read_chars
        self._signals: tuple[Signal, ...] = (
            Length(),
            Conversation(),
            Content(config.keywords),
            Effort(),
            *_semantic(config.semantic),
        )

    @property
    def names(self) -> frozenset[str]:
        """The name of every signal there is."""
        return frozenset(name for signal in self._signals for name in signal.names)

    def __call__(self, request: InferenceRequest) -> Extraction:
        """The signals of one request; what a signal raises goes through."""
        excerpt = request.conversation.excerpt(self._limit)
        values: dict[str, float] = {}
        for signal in self._signals:
            values.update(signal(request, excerpt.text))
        coverage = min(excerpt.coverage, values.get("difficulty.coverage", 1.0))
        return Extraction(values=values, coverage=coverage)


def _semantic(config: config.Semantic) -> tuple[Signal, ...]:
    """The signal where it is enabled; ConfigError where its files cannot be used."""
    if not config.enabled:
        return ()
    from extproc.signals.semantic import ARTIFACT, Semantic  # noqa: PLC0415 - brings in NumPy

    return (Semantic(Path(config.artifact or ARTIFACT)),)
