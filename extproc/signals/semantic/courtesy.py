"""Takes courtesies off both ends of a text: asking nicely does not make a task harder."""

import re
from typing import Final

_REACH: Final = 80
"""Characters at either end that are looked at: enough for every courtesy, and a bound on time."""
_OPENING: Final = re.compile(
    r"""(?:\s|[,.!:;-]
    |(?:hi|hello|hey|dear)(?:\s+(?:there|all|everyone|team))?\b(?=\s*[,.!:;-])
    |good\s+(?:morning|afternoon|evening)\b(?=\s*[,.!:;-])
    |(?:please|kindly)\b
    |(?:can|could|would|will)\s+you(?:\s+(?:please|kindly|help\s+me))?\b
    |i(?:\s+would|'d)\s+like\s+you\s+to\b
    )+""",
    re.IGNORECASE | re.VERBOSE,
)
_CLOSING: Final = re.compile(
    r"""(?:\b(?:please|cheers
    |(?:many\s+)?thanks(?:\s+(?:a\s+lot|in\s+advance|so\s+much|very\s+much|for\s+your\s+help))?
    |thank\s+you(?:\s+(?:in\s+advance|so\s+much|very\s+much|for\s+your\s+help))?)
    [\s.!,]*)+\Z""",
    re.IGNORECASE | re.VERBOSE,
)


def strip(text: str) -> str:
    """`text` without what it is opened and closed with, or as it was where nothing else is left."""
    opening = _OPENING.match(text, 0, _REACH)
    start = opening.end() if opening else 0
    closing = _CLOSING.search(text, max(start, len(text) - _REACH))
    task = text[start : closing.start()] if closing else text[start:]
    return task if task.strip(" \t\r\n,.!?") else text
