"""How long the prompt is, and how long the answer may be."""

from collections.abc import Mapping
from typing import Final

from extproc.request import InferenceRequest

BYTES_PER_TOKEN: Final = 4
"""English text in the tokenizers of Qwen 2.5 and Llama 3 comes to about four bytes a token; scripts
of three bytes a character come to about one token a character and a third less by this count."""


class Length:
    """`prompt_tokens` and `output_tokens`."""

    names = ("prompt_tokens", "output_tokens")

    def __call__(self, request: InferenceRequest, excerpt: str) -> Mapping[str, float]:
        """An estimate for the prompt; the client's own limit for the answer."""
        del excerpt
        conversation = request.conversation
        tokens = conversation.tokens + conversation.size() / BYTES_PER_TOKEN
        if request.max_output_tokens is None:
            return {"prompt_tokens": tokens}
        return {"prompt_tokens": tokens, "output_tokens": float(request.max_output_tokens)}
