"""Why a vLLM did not start, as far as its own words tell."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

_CAUSES: Final[Mapping[str, re.Pattern[str]]] = {
    "no such model": re.compile(r"placeholder"),
}


def cause(lines: Iterable[str]) -> str | None:
    """The first known cause that the lines show; None where they show none."""
    for line in lines:
        for known, pattern in _CAUSES.items():
            if pattern.search(line):
                return known
    return None
