"""Prompts as completions and embeddings take them: a text, token ids, or a list of either."""

from collections.abc import Iterable

from extproc.engines.sim.errors import ApiError, malformed
from extproc.engines.sim.generation import check_context, encode_prompt
from extproc.engines.sim.settings import Settings

# msgspec decodes one kind of list only: which kind it is, `encode_inputs` finds out.
Input = str | list[str | int | list[int]]


def encode_inputs(given: Input, settings: Settings) -> list[tuple[int, ...]]:
    """The token ids of each prompt; raises ApiError where there is none, or one is empty or
    overflows the context.
    """
    prompts = _encoded(given, settings)
    if not prompts:
        raise ApiError("You must pass at least one prompt")
    if not all(prompts):
        raise ApiError("The decoder prompt cannot be empty")
    return prompts


def _encoded(given: Input, settings: Settings) -> list[tuple[int, ...]]:
    if isinstance(given, str):
        return [encode_prompt(given, settings)]
    numbers = [item for item in given if isinstance(item, int)]
    if numbers:
        if len(numbers) < len(given):
            raise malformed("value_error", ("prompt",), "Prompts and token ids cannot be mixed")
        return [_checked(numbers, settings)]
    return [
        encode_prompt(item, settings) if isinstance(item, str) else _checked(item, settings)
        for item in given
        if not isinstance(item, int)
    ]


def _checked(tokens: Iterable[int], settings: Settings) -> tuple[int, ...]:
    prompt = tuple(tokens)
    check_context(len(prompt), settings)
    return prompt
