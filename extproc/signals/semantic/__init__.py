"""How hard a conversation is, from a static embedding and counts: no network, no accelerator.

    difficulty             P(a small model's answer is not good enough), calibrated, in [0, 1]
    difficulty.coverage    the share of the text that was read and understood
    domain.<name>          how much the text belongs to each domain; they add up to 1

`tokens.bin` and `artifact.bin` beside this file are what `tiergate distill` and `tiergate train`
made; docs/routing-quality.md says how, from what, and how well it works.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from extproc.request import Conversation, InferenceRequest
from extproc.signals.semantic.features import Features, extract
from extproc.signals.semantic.model import Judgement, Model, load
from extproc.signals.semantic.reading import read
from extproc.signals.semantic.tokens import Tokens

__all__ = ["ARTIFACT", "COVERAGE", "TOKENS", "Scored", "Semantic"]

TOKENS: Final = Path(__file__).with_name("tokens.bin")
ARTIFACT: Final = Path(__file__).with_name("artifact.bin")
COVERAGE: Final = "difficulty.coverage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A judgement, and the share of the conversation that it rests on (0 to 1)."""

    judgement: Judgement
    coverage: float


class Semantic:
    """The signal. ConfigError where a file is missing, damaged, or does not fit the other."""

    def __init__(self, artifact: Path = ARTIFACT, tokens: Path = TOKENS) -> None:
        self._tokens = Tokens(tokens)
        self.model: Model = load(artifact, width=self._tokens.width, tokens=self._tokens.digest)
        self._domains = tuple(f"domain.{name}" for name in self.model.domains)
        self.names = ("difficulty", COVERAGE, *self._domains)

    def __call__(self, request: InferenceRequest, excerpt: str) -> Mapping[str, float]:
        """The judgement as signals; nothing where there is no text to judge."""
        del excerpt  # it has a reading of its own: the last turn matters most
        if not any(segment.text for segment in request.conversation.segments):
            return {}
        scored = self.score(request.conversation)
        judgement = scored.judgement
        memberships = zip(self._domains, judgement.domains.values(), strict=True)
        return {
            "difficulty": judgement.difficulty,
            COVERAGE: scored.coverage,
            **dict(memberships),
        }

    @property
    def tokens(self) -> str:
        """The SHA-256 that names the token table's content."""
        return self._tokens.digest

    def features(self, conversation: Conversation) -> Features:
        """The numbers that a conversation is judged by."""
        return extract(read(conversation), self._tokens)

    def score(self, conversation: Conversation) -> Scored:
        """The judgement of any conversation, an empty one included."""
        reading = read(conversation)
        features = extract(reading, self._tokens)
        coverage = reading.coverage * features.known
        return Scored(judgement=self.model.judge(features), coverage=coverage)
