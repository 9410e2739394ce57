"""Builders of test values, each with sensible defaults and no magic."""

import json
from typing import Any

import msgspec

from extproc.config import Config

FAST_MODEL = "small/model-1b"
REASONING_MODEL = "large/model-3b"


def document(**sections: object) -> dict[str, Any]:
    """A config document of two tiers as plain values, with `sections` put in."""
    return {
        "tiers": [
            {"name": "fast", "model": FAST_MODEL, "endpoints": ["127.0.0.1:8001"]},
            {"name": "reasoning", "model": REASONING_MODEL, "endpoints": ["127.0.0.1:8002"]},
        ],
        "default_tier": "fast",
        "policy": {"fixed": "reasoning"},
        **sections,
    }


def config(**sections: object) -> Config:
    """The same as a checked Config."""
    return msgspec.convert(document(**sections), Config)


def chat(text: str = "hello", *, model: str = "auto", **fields: object) -> bytes:
    """The body of a chat completion with one user message."""
    messages = [{"role": "user", "content": text}]
    return json.dumps({"model": model, "messages": messages, **fields}).encode()
