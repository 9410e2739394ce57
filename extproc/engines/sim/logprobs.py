"""Log probabilities of simulated tokens: plausible, decreasing by rank, repeatable."""

from collections.abc import Iterable, Sequence

from extproc.engines.sim import tokenizer

_STEP = 0.75


def alternatives(piece: str, count: int) -> list[tuple[str, float]]:
    """The sampled token and the rest of the top `count`, each with its log probability."""
    identity = tokenizer.token_id(piece)
    best = -(identity % 1000) / 2000
    others = (f" alt{(identity + rank) % 1000}" for rank in range(1, count))
    return [(token, round(best - _STEP * rank, 4)) for rank, token in enumerate((piece, *others))]


def chat(pieces: Iterable[str], count: int | None) -> dict[str, object] | None:
    """The `logprobs` of a chat choice, with `count` alternatives for each token; None for None."""
    if count is None:
        return None
    return {"content": [_entry(piece, count) for piece in pieces]}


def completion(
    pieces: Sequence[str], count: int | None, *, offset: int = 0
) -> dict[str, object] | None:
    """The `logprobs` of a completion; `offset` counts the characters before the first piece."""
    if count is None:
        return None
    offsets: list[int] = []
    for piece in pieces:
        offsets.append(offset)
        offset += len(piece)
    return {
        "text_offset": offsets,
        "token_logprobs": [alternatives(piece, 1)[0][1] for piece in pieces],
        "tokens": list(pieces),
        # One more than asked for where the sampled token is not among the top, as in OpenAI's API.
        "top_logprobs": [dict(alternatives(piece, max(count, 1))) for piece in pieces],
    }


def _entry(piece: str, count: int) -> dict[str, object]:
    ranked = [_token(token, value) for token, value in alternatives(piece, count)]
    return ranked[0] | {"top_logprobs": ranked[:count]}


def _token(token: str, value: float) -> dict[str, object]:
    return {"token": token, "logprob": value, "bytes": list(token.encode())}
