"""How many tokens a request may come to, before anybody has counted them."""

from typing import Final

from extproc.request import Api, InferenceRequest

BYTES_PER_TOKEN: Final = 4
"""As the signal `prompt_tokens` has it."""
_WITHOUT_ANSWER: Final = frozenset({Api.EMBEDDINGS, Api.TOKENIZE})


def tokens(request: InferenceRequest, default_output: int) -> int:
    """Prompt and answer; the client's own bound of the answer, or `default_output`."""
    conversation = request.conversation
    prompt = conversation.tokens + conversation.size() // BYTES_PER_TOKEN + 1
    if request.api in _WITHOUT_ANSWER:
        return prompt
    bound = request.max_output_tokens
    return prompt + (default_output if bound is None else max(bound, 0))
