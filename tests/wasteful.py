"""A policy as one might first write it, and as no router should run it: slow on purpose."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from extproc.decision import Verdict
from extproc.request import InferenceRequest

_HARD: Final = re.compile(
    r"\b(prove|derive|theorem|optimi[sz]e|debug|refactor|analy[sz]e)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Wasteful:
    """Searches every word of a conversation with a backtracking regular expression."""

    def decide(self, request: InferenceRequest, signals: Mapping[str, float]) -> Verdict:
        """`reasoning` where any word is found."""
        del signals
        found = [_HARD.findall(segment.text) for segment in request.conversation.segments]
        return Verdict(tier="reasoning" if any(found) else "fast")
