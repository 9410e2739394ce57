"""Questions that were answered, by what they are about: which one is asked in other words.

Two questions are compared only where all else is equal: tenant, config, parameters and every
message before the last. They are alike where their guards are equal and their embeddings, the
router's own, are near. The index is this process's; what it names is looked up as an exact answer.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from extproc.cache.guard import guard
from extproc.cache.question import Question
from extproc.signals.semantic.features import extract
from extproc.signals.semantic.reading import Reading
from extproc.signals.semantic.tokens import Tokens

LONGEST: Final = 1_000
"""Characters of a question; in a longer one a word's change is too small to be seen."""
Embed: TypeAlias = Callable[[str], NDArray[np.float64]]
Group: TypeAlias = tuple[str, ...]


def embedding(tokens: Tokens) -> Embed:
    """Vectors of length 1 by the token table that the signals are made with."""

    def embed(text: str) -> NDArray[np.float64]:
        reading = Reading(task=text, context="", task_share=1.0, coverage=1.0)
        return extract(reading, tokens).embedding

    return embed


class Similar:
    """The last `most` questions, the oldest forgotten first."""

    def __init__(self, embed: Embed, *, most: int) -> None:
        self._embed = embed
        self.most = most
        self._next = 0
        self._kept: dict[str, Group] = {}
        self._alike: dict[Group, dict[str, NDArray[np.float64]]] = {}

    def add(self, question: Question) -> None:
        """Remember it under the key of its exact answer."""
        if not question.around or len(question.text) > LONGEST:
            return
        group = self._group(question)
        self._forget(question.place)
        if len(self._kept) >= self.most:
            self._forget(next(iter(self._kept)))
        self._kept[question.place] = group
        self._alike.setdefault(group, {})[question.place] = self._embed(question.text)

    def nearest(self, question: Question, threshold: float) -> str | None:
        """Where the answer to the question that is most alike is kept, if any is near enough."""
        if not question.around or len(question.text) > LONGEST:
            return None
        alike = self._alike.get(self._group(question))
        if not alike:
            return None
        vector = self._embed(question.text)
        near = {place: float(other @ vector) for place, other in alike.items()}
        best = max(near, key=near.__getitem__)
        return best if near[best] >= threshold else None

    def _group(self, question: Question) -> Group:
        return (question.around, *guard(question.text))

    def _forget(self, place: str) -> None:
        group = self._kept.pop(place, None)
        if group is not None:
            alike = self._alike[group]
            del alike[place]
            if not alike:
                del self._alike[group]
