"""The token table: a vector and a few plain facts for every piece of the vocabulary."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from extproc.signals.semantic import container
from extproc.signals.semantic.vocabulary import PREFIX, UNKNOWN, Vocabulary

KIND: Final = "tokens"
FACTS: Final = ("word", "number", "operator", "code", "asks", "question", "unknown")
"""What is counted. `word` is every piece; `asks` is a word that opens a question, `question` its
mark."""
_ASKING: Final = frozenset({"what", "which", "who", "when", "where", "why", "how"})
_OPERATORS: Final = frozenset("=+-*/^<>\\$%~|")
_CODE: Final = frozenset("{}()[];:_#@&`")


class Tokens:
    """Vectors `(pieces, width)` and facts `(pieces, len(FACTS))`, both float32, by row.

    A vector holds its piece's weight already, so the mean over a text's rows is the text's.
    """

    def __init__(self, path: Path) -> None:
        """Read the table at `path`; ConfigError where it is missing or damaged."""
        file = container.read(path, KIND)
        text: bytes = file.array("pieces", None).tobytes()
        self.vocabulary = Vocabulary(text.decode().split("\n"))
        rows = len(self.vocabulary.pieces)
        scales = file.array("scales", rows).astype(np.float32)
        self.vectors: NDArray[np.float32] = file.array("vectors", rows, None) * scales[:, None]
        self.facts = facts(self.vocabulary.pieces)
        self.digest = file.digest

    @property
    def width(self) -> int:
        """The length of a vector."""
        return int(self.vectors.shape[1])


def facts(pieces: Sequence[str]) -> NDArray[np.float32]:
    """Each piece's facts, in the order of `FACTS`."""
    return np.array([_facts(piece) for piece in pieces], dtype=np.float32)


def _facts(piece: str) -> tuple[bool, ...]:
    bare = piece.removeprefix(PREFIX) or piece
    return (
        True,
        any(char.isdigit() for char in bare),
        bare in _OPERATORS,
        bare in _CODE,
        piece in _ASKING,
        piece == "?",
        piece == UNKNOWN,
    )
