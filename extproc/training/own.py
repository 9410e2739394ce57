"""An operator's own labels: how well each tier answered a conversation.

One JSON object a line: `prompt` or `messages`, and `fast` and `reasoning`, each tier's score from 0
(of no use) to 1 (all that was wanted).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
from msgspec import Meta

from extproc.errors import ConfigError
from extproc.request import Conversation
from extproc.request.lines import Line, decode, split
from extproc.signals.semantic.features import Array

FEWEST: Final = 50
"""Fewer say nothing: the interval would hold every policy."""
_Score = Annotated[float, Meta(ge=0, le=1)]


class _Label(Line, frozen=True, kw_only=True):
    fast: _Score
    reasoning: _Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """n conversations, as chats too, with each tier's scores (n,)."""

    conversations: Sequence[Conversation]
    bodies: Sequence[bytes]
    fast: Array
    reasoning: Array

    @property
    def gain(self) -> Array:
        """What the reasoning tier adds, in [-1, 1]."""
        return self.reasoning - self.fast


def load(path: Path) -> Labels:
    """The labels in a file; ConfigError names a bad line, or says that they are too few."""
    lines = split(path.read_bytes())
    if len(lines) < FEWEST:
        raise ConfigError(f"at least {FEWEST} labels are needed, there are {len(lines)}")
    places = [f"{path}:{number}" for number in range(1, len(lines) + 1)]
    labels = [decode(line, _Label, where) for line, where in zip(lines, places, strict=True)]
    return Labels(
        conversations=[
            label.conversation(where) for label, where in zip(labels, places, strict=True)
        ],
        bodies=[label.body(where) for label, where in zip(labels, places, strict=True)],
        fast=np.array([label.fast for label in labels]),
        reasoning=np.array([label.reasoning for label in labels]),
    )
