"""What the text itself shows: code, mathematics, the operator's keywords. One pass finds all.

RE2's set matching walks the text once for all patterns, in time linear in its length, whatever the
patterns are; a backtracking engine would stall every other stream for some inputs.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import re2

from extproc.errors import ConfigError
from extproc.request import InferenceRequest

_NUMBER: Final = r"\d+(?:\.\d+)?"
_OPERATOR: Final = r"(?:\s*[+*^=\x{d7}\x{f7}]\s*|\s+[-/]\s+)"
"""A dash or a slash counts between spaces alone: else dates and fractions would be sums."""
_PROGRAM: Final = (
    "function|method|script|algorithm|program|parser|query|cache|api|class|unit tests?|regex"
    "|regular expression"
)
# No repetition is counted: `{1,200}` makes as many states, and a text that wanders through them
# keeps the automaton busy with building itself, a thousand times slower than reading.
PATTERNS: Final[Mapping[str, Sequence[str]]] = {
    "code": (
        r"```",
        r"\b(?:def|func|fn|function)\s+\w+\s*\(",
        r"\b(?:public|private|static)\s+\w+\s+\w+\s*\(",
        r"(?m)^\s*(?:#include|import\s+\w|from\s+\w+\s+import)\b",
        r"\bselect\b[^.;]+\bfrom\b[^.;]+\b(?:where|join|group by|order by|limit)\b",
        r"traceback \(most recent call last\)",
        r"[;{]\s*\n\s*[}\w]",
        rf"\b(?:write|implement|refactor|debug|optimi[sz]e)\b[^.?!\n]*\b(?:{_PROGRAM})\b",
        r"\bfix\b[^.?!\n]*\bbugs?\b",
    ),
    "mathematics": (
        r"\\(?:frac|sum|int|sqrt|lim|begin|cdot|leq|geq)\b",
        r"\$[^$\n]+[=^_\\][^$\n]*\$",
        rf"\b{_NUMBER}{_OPERATOR}{_NUMBER}{_OPERATOR}\d",
        rf"\b(?:\d{{2,}}{_OPERATOR}\d|{_NUMBER}{_OPERATOR}\d{{2,}})",
        r"(?:^|[\s(])[-+\d]*[a-z]\s*(?:\^\s*\d|=\s*[-\d(a-z])",
        r"\d[^?]+\bhow (?:many|much|long|far|old)\b",
        r"\b(?:integrals?|derivatives?)(?: of\b|\s*[.,;:?!)]|\s*$)",
        r"\b(?:equation|theorem|lemma|polynomial|eigenvalue|determinant|inequality)s?\b",
        r"\b(?:probability (?:that|of)|modulo|prime numbers?|percent of|remainder when)\b",
    ),
}
_MAX_MEMORY: Final = 64 << 20
"""RE2 gives up on a set, silently, when its automaton outgrows this; the default of 8 MiB is small
for long word lists."""


class Content:
    """`code`, `mathematics` and `keywords.<list>`: 1 where the text shows it, else 0."""

    def __init__(self, keywords: Mapping[str, Sequence[str]]) -> None:
        patterns = dict(PATTERNS)
        for name, words in keywords.items():
            patterns[f"keywords.{name}"] = [_word(word) for word in words]
        self.names = tuple(patterns)
        self._owner: list[str] = []
        self._set = self._compile(patterns)

    def __call__(self, request: InferenceRequest, excerpt: str) -> Mapping[str, float]:
        """Each name with 1 or 0."""
        del request
        values = dict.fromkeys(self.names, 0.0)
        for index in self._set.Match(excerpt) or ():  # None stands for no match
            values[self._owner[index]] = 1.0
        return values

    def _compile(self, patterns: Mapping[str, Sequence[str]]) -> re2.Set:
        options = re2.Options()
        options.case_sensitive = False
        options.max_mem = _MAX_MEMORY
        options.log_errors = False
        search = re2.Set.SearchSet(options)
        for name, alternatives in patterns.items():
            for pattern in alternatives:
                search.Add(pattern)
                self._owner.append(name)
        try:
            search.Compile()
        except re2.error as error:
            raise ConfigError("the word lists are too large", path="$.signals.keywords") from error
        return search


def _word(word: str) -> str:
    """`word` as a pattern that matches it alone, not inside another word."""
    start = r"\b" if word[0].isalnum() and word[0].isascii() else ""
    end = r"\b" if word[-1].isalnum() and word[-1].isascii() else ""
    return f"{start}{re2.escape(word)}{end}"
