"""The prompts: one easy, one hard, and the hard one behind as much text as a size asks for."""

import json
from typing import Final

EASY: Final = "Say hello to Anna from all of us, please."
HARD: Final = "Prove step by step that there are infinitely many primes of the form 4k + 3."
_TEXT: Final = (
    "The harbour master keeps a list of every boat that comes in, with its length and its name. "
)


def chat(prompt: str, *, size: int = 0, streamed: bool = False) -> bytes:
    """A chat completion that asks `prompt`, of `size` bytes or the few that it needs, written as
    OpenAI's SDKs do: without spaces.
    """
    request = {"model": "auto", "messages": [], "stream": streamed, "max_tokens": 64}
    question = {"role": "user", "content": prompt}
    system = {"role": "system", "content": "You help the people of a small harbour."}
    background = {"role": "user", "content": ""}
    thanks = {"role": "assistant", "content": "I have read it."}
    request["messages"] = [system, background, thanks, question]
    missing = max(0, size - len(_written(request)))
    background["content"] = (_TEXT * (missing // len(_TEXT) + 1))[:missing]
    if not missing:
        request["messages"] = [question]
    return _written(request)


def _written(request: object) -> bytes:
    return json.dumps(request, separators=(",", ":")).encode()
