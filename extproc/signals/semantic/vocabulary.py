"""WordPiece in one pass: from text to rows of the token table.

The pieces are those of BERT's uncased vocabulary (Devlin et al. 2019): lower case, accents taken
off, words and punctuation apart, each word split into the longest pieces that exist. Two bounds
keep the time small whatever the text: a word over `LONGEST_WORD` characters is unknown, and so is
every word that needs splitting once words of `MOST_SPLIT` characters in all were split.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

LONGEST_WORD: Final = 24
LONGEST_PIECE: Final = 18
MOST_SPLIT: Final = 480
UNKNOWN: Final = "[UNK]"
PREFIX: Final = "##"
_IDEOGRAPHS: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD: Final = re.compile(rf"[^\W_{_IDEOGRAPHS}]+|[^\w\s]|_|[{_IDEOGRAPHS}]")
"""A run of letters and digits, one punctuation mark, or one ideograph."""


class Vocabulary:
    """The pieces in the order of the table's rows; `UNKNOWN` must be among them."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = tuple(pieces)
        self.unknown = self.pieces.index(UNKNOWN)
        self._rows = {piece: row for row, piece in enumerate(pieces)}

    def rows(self, text: str) -> list[int]:
        """The table's row of each piece of `text`, in order."""
        found: list[int] = []
        budget = MOST_SPLIT
        get = self._rows.get
        for word in _WORD.findall(_plain(text)):
            row = get(word)
            if row is not None:
                found.append(row)
            elif len(word) <= min(LONGEST_WORD, budget):
                budget -= len(word)
                found += self._split(word)
            else:
                found.append(self.unknown)
        return found

    def _split(self, word: str) -> list[int]:
        """The longest known pieces from the left, or one unknown where they do not cover it."""
        found: list[int] = []
        start = 0
        while start < len(word):
            for end in range(min(len(word), start + LONGEST_PIECE), start, -1):
                piece = word[start:end]
                row = self._rows.get(PREFIX + piece if start else piece)
                if row is not None:
                    break
            else:
                return [self.unknown]
            found.append(row)
            start = end
        return found


def _plain(text: str) -> str:
    """Lower case without accents."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    decomposed = unicodedata.normalize("NFD", lowered)
    return "".join(char for char in decomposed if unicodedata.category(char) != "Mn")
