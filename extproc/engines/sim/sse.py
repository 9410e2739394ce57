"""JSON bodies and server-sent events, framed as vLLM frames them: compact, one `data` line each."""

from typing import Final

import msgspec

DONE: Final = b"data: [DONE]\n\n"


def encode(payload: object) -> bytes:
    """Compact JSON in the order of the payload's keys, text beyond ASCII left as it is."""
    return msgspec.json.encode(payload)


def data(payload: object) -> bytes:
    """An event without a name, as OpenAI's chat and completions have them."""
    return b"data: " + encode(payload) + b"\n\n"


def event(name: str, payload: object) -> bytes:
    """An event with a name, as OpenAI's responses and Anthropic's messages have them."""
    return b"event: " + name.encode() + b"\ndata: " + encode(payload) + b"\n\n"
