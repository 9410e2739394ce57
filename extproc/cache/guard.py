"""What two questions must have in common before the answer to one is given to the other.

An embedding without word order cannot tell 17 from 18, Paris from London, a word from its opposite,
or who bit whom. So numbers, signs, names, dates, negations and every other word that says what is
asked must be in both, in the same order; only words that say how it is asked may differ.
"""

import re
from collections.abc import Iterator
from typing import Final

from extproc.signals.semantic.courtesy import strip

_WORD: Final = re.compile(
    r"\.?\d+(?:[.,:/-]\d+)*|[^\W\d_]+(?:['\u2019][^\W\d_]+)*|[^\w\s]|_",
)
_STOPS: Final = re.compile(
    r"(?:(?<=[^\W\d_]{2})[!.,:;?\u2026]+|(?<=\S)[.,:;?\u2026]+)(?!\S)|[\s.,:;?\u2026]+\Z|[\u00bf\u00a1]"
)
"""Punctuation that ends a word. Every other sign counts: 5 + 3 is not 5 - 3, C++ not C#, .5 not 5,
5! not 5; and so do brackets and quotes.
"""
_SIGNS: Final = re.compile(r"[.-]+\Z")
"""What a number may begin with, and a courtesy may end with."""
_PLAIN: Final = frozenset(
    {
        "a", "an", "the", "of", "do", "does", "can", "what", "what's", "which", "is", "are", "i",
        "me", "please", "explain",
    }
)  # fmt: skip
"""Words that say how something is asked, not what, where they stand by themselves. `who`, `not`,
`my` and `should` are none.
"""
_ASKING: Final = frozenset({"do", "can"})
_PLURAL: Final = 4
"""The least letters of a word whose final s is left out of account."""


def guard(text: str) -> tuple[str, ...]:
    """What must be equal, word by word; courtesies at either end do not count."""
    task = strip(text)
    sign = _SIGNS.search(text[: text.find(task)])
    return tuple(_telling(_STOPS.sub("", (sign[0] if sign else "") + task)))


def _telling(task: str) -> Iterator[str]:
    words = list(_WORD.finditer(task))
    formula = any(not match[0][0].isalpha() for match in words)
    before = ""
    for match in words:
        word = match[0]
        low = word.lower().replace("\u2019", "'")
        if low not in _PLAIN or not _is_plain(match, before, formula=formula):
            exact = _is_acronym(word) or (formula and len(word) == 1)
            yield word if exact else _singular(low)
        before = low


def _is_plain(match: re.Match[str], before: str, *, formula: bool) -> bool:
    """Whether one of the plain words is no name here: not beside a sign, as in i^2, no acronym, and
    a letter no variable and no number, as in vitamin A and World War I.
    """
    word, around = match[0], match.string[max(match.start() - 1, 0) : match.end() + 1]
    if around.strip() != word or _is_acronym(word):
        return False
    if word.lower() == "i":
        return not formula and before in _ASKING
    if word.lower() == "a":
        return not formula and (not before or (word == "a" and before in _PLAIN))
    return True


def _is_acronym(word: str) -> bool:
    """US, IT and WHO are not us, it and who; A and I are words."""
    return len(word) > 1 and word.isupper()


def _singular(word: str) -> str:
    if len(word) < _PLURAL or word.endswith("ss"):
        return word
    return word.removesuffix("s")
