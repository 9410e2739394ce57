"""Policies as an operator would write them, good ones and bad ones."""

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec import Struct

from extproc.decision import Verdict
from extproc.request import InferenceRequest


@dataclass(frozen=True)
class ByLength:
    """Long conversations go to `long`."""

    long: str
    short: str
    limit: int = 100

    def decide(self, request: InferenceRequest, signals: Mapping[str, float]) -> Verdict:
        """The tier by the text's size."""
        del signals
        return Verdict(tier=self.long if request.conversation.size() > self.limit else self.short)


class Always(Struct, frozen=True):
    """Names one tier, which may not exist."""

    tier: str = "fast"

    def decide(self, request: InferenceRequest, signals: Mapping[str, float]) -> Verdict:
        """Always the same."""
        del request, signals
        return Verdict(tier=self.tier)


@dataclass(frozen=True)
class Broken:
    """Raises, with what it was given in the message."""

    def decide(self, request: InferenceRequest, signals: Mapping[str, float]) -> Verdict:
        """Never gives a verdict."""
        del signals
        raise RuntimeError(request.conversation.segments[0].text)


@dataclass(frozen=True)
class Indecisive:
    """Has no `decide`."""


class Plain:
    """Has a `decide`, but no declared parameters."""

    def decide(self, request: InferenceRequest, signals: Mapping[str, float]) -> Verdict:
        """Never asked."""
        del request, signals
        return Verdict(tier="fast")


@dataclass(frozen=True)
class Picky:
    """Checks its parameters itself."""

    tier: str

    def __post_init__(self) -> None:
        if self.tier == "none":
            raise ValueError("there is no such tier")
        if self.tier != "fast":
            raise KeyError(self.tier)

    def decide(self, request: InferenceRequest, signals: Mapping[str, float]) -> Verdict:
        """The tier that it was given."""
        del request, signals
        return Verdict(tier=self.tier)
