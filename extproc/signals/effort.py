"""How hard the client wishes the model to think."""

from collections.abc import Mapping
from typing import Final

from extproc.request import InferenceRequest

LEVELS: Final[Mapping[str, float]] = {
    "none": 0.0,
    "minimal": 0.1,
    "low": 0.25,
    "medium": 0.5,
    "high": 0.75,
    "xhigh": 1.0,
    "max": 1.0,
}
"""OpenAI's words of effort in order; only the order and the distance to a rule's bound matter."""


class Effort:
    """`effort`, left out where the client said nothing or a word that is not OpenAI's."""

    names = ("effort",)

    def __call__(self, request: InferenceRequest, excerpt: str) -> Mapping[str, float]:
        """The level of the client's word."""
        del excerpt
        level = LEVELS.get(request.effort or "")
        return {} if level is None else {"effort": level}
