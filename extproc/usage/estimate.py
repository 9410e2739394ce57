"""What a request whose usage nobody could read has probably used.

A stream that broke off has no usage at its end, and a client that went before the answer saw none.
The bytes of the bodies are known: tokens are estimated from them by what the same tier's requests
of the same kind, streamed or not, have had for each byte so far. Such numbers are kept apart from
what is known.
"""

from typing import Final, NamedTuple

from extproc.telemetry import Completed, Tokens

_PROMPT_BYTES: Final = 4.0
_STREAMED_BYTES: Final = 200.0
"""Of a chunk of a stream, which holds one token and some fields."""
_WEIGHT: Final = 10.0
"""How many tokens the numbers above are worth against those that were seen."""


class _Ratio:
    """Bytes and tokens of one kind; the first of them are assumed."""

    def __init__(self, bytes_per_token: float) -> None:
        self._bytes = bytes_per_token * _WEIGHT
        self._tokens = _WEIGHT

    def add(self, size: int, tokens: int) -> None:
        """One request that is known."""
        self._bytes += size
        self._tokens += tokens

    def tokens(self, size: int) -> int:
        """What so many bytes hold."""
        return round(size * self._tokens / self._bytes)


class _Both(NamedTuple):
    """Of the requests of one kind."""

    prompt: _Ratio
    completion: _Ratio


class Estimator:
    """Learns from what is known; a restart forgets it."""

    def __init__(self) -> None:
        self._ratios: dict[tuple[str, bool], _Both] = {}

    def learn(self, record: Completed, tokens: Tokens) -> None:
        """One request whose tokens are known."""
        both = self._both(record)
        both.prompt.add(record.received, tokens.prompt)
        both.completion.add(record.sent, tokens.completion)

    def tokens(self, record: Completed) -> Tokens:
        """An estimate for one request whose tokens are not."""
        both = self._both(record)
        return Tokens(
            prompt=both.prompt.tokens(record.received),
            completion=both.completion.tokens(record.sent),
        )

    def _both(self, record: Completed) -> _Both:
        kind = record.served_by, record.streamed
        both = self._ratios.get(kind)
        if both is None:
            prior = _STREAMED_BYTES if record.streamed else _PROMPT_BYTES
            both = self._ratios[kind] = _Both(_Ratio(_PROMPT_BYTES), _Ratio(prior))
        return both
