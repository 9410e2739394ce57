"""A simulated tokenizer: no vocabulary, equal pieces for equal text, about four bytes a token.

Pieces depend on nothing but the characters next to them, so a conversation that grows keeps the
tokens of its beginning; the prefix cache relies on it.
"""

import re
import zlib
from itertools import islice
from typing import Final

_PIECE: Final = re.compile(
    r"<\|\w+\|>"  # one token in every chat template
    r"| ?[A-Za-z0-9]{1,5}"
    r"|\s{1,4}"
    r"|[^A-Za-z0-9\s]"
)
VOCABULARY: Final = 151_643
END_OF_TEXT: Final = VOCABULARY


def split(text: str, *, limit: int | None = None) -> list[str]:
    """The pieces of `text`, joined they give it back; at most `limit` of them."""
    return [match.group() for match in islice(_PIECE.finditer(text), limit)]


def token_id(piece: str) -> int:
    """The id of one piece, in [0, VOCABULARY); the empty piece is the end of the text."""
    return zlib.crc32(piece.encode(errors="surrogatepass")) % VOCABULARY if piece else END_OF_TEXT


def encode(text: str, *, limit: int | None = None) -> tuple[int, ...]:
    """The token ids of `text`; no more than `limit`, so that an oversized prompt costs little."""
    return tuple(token_id(piece) for piece in split(text, limit=limit))
