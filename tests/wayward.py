"""A policy that does what the prompt tells it to, so that one router can go wrong in every way."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from extproc.decision import Verdict
from extproc.request import InferenceRequest

RAISE: Final = "raise"
UNKNOWN_TIER: Final = "name a tier that does not exist"
NO_VERDICT: Final = "say nothing"
SLOW: Final = "be slow"
STUCK: Final = "be stuck"
_NEVER_SET: Final = threading.Event()


@dataclass(frozen=True)
class Wayward:
    """`tier`, unless the last word of the client is one of the constants above.

    `slow` and `stuck` are the seconds that the last two take.
    """

    tier: str
    slow: float
    stuck: float

    def decide(self, request: InferenceRequest, signals: Mapping[str, float]) -> Verdict:
        """What was asked for."""
        del signals
        wish = request.conversation.segments[-1].text
        if wish == RAISE:
            raise RuntimeError(wish)
        if wish == NO_VERDICT:
            return None  # type: ignore[return-value] # what an operator's code may do
        if wish in {SLOW, STUCK}:
            _NEVER_SET.wait(self.slow if wish == SLOW else self.stuck)
        return Verdict(tier="nowhere" if wish == UNKNOWN_TIER else self.tier)
