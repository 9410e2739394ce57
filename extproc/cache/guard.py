"""What two questions must have in common before the answer to one is given to the other.

An embedding without word order cannot tell 17 from 18, Paris from London, a word from its opposite,
or who bit whom. So numbers, signs, names, dates, negations and every other word that says what is
asked must be in both, in the same order; only words that say how it is asked may differ.
"""

import re
from collections.abc import Iterator
from typing import Final

from extproc.signals.semantic.courtesy import strip

_WORD: Final = re.compile(r"\d+(?:[.,:/-]\d+)*|[^\W\d_]+(?:['\u2019][^\W\d_]+)*|[^\w\s]|_")
_MARKS: Final = frozenset(".,!?:;()'\"\u2019\u201c\u201d\u201e\u2026\u00bf\u00a1")
"""Punctuation; every other sign counts: 5 + 3 is not 5 - 3, C++ not C#."""
_PLAIN: Final = frozenset(
    {
        "a", "an", "the", "of", "do", "does", "can", "what", "what's", "which", "is", "are", "i",
        "me", "my", "please", "explain",
    }
)  # fmt: skip
"""Words that say how something is asked, not what. `who`, `not`, `was` and `should` are none."""
_PLURAL: Final = 4
"""The least letters of a word whose final s is left out of account."""


def guard(text: str) -> tuple[str, ...]:
    """What must be equal, word by word; courtesies at either end do not count."""
    return tuple(_telling(strip(text)))


def _telling(text: str) -> Iterator[str]:
    for match in _WORD.finditer(text):
        word = match[0]
        low = word.lower().replace("\u2019", "'")
        if low in _MARKS or (low in _PLAIN and not _is_acronym(word)):
            continue
        yield word if _is_acronym(word) else _singular(low)


def _is_acronym(word: str) -> bool:
    """US, IT and WHO are not us, it and who; A and I are words."""
    return len(word) > 1 and word.isupper()


def _singular(word: str) -> str:
    if len(word) < _PLURAL or word.endswith("ss"):
        return word
    return word.removesuffix("s")
