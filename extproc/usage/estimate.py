"""What a request whose usage nobody could read has probably used.

A stream that broke off has no usage at its end, and a client that went before the answer saw none.
The bytes of the bodies are known: tokens are estimated from them by what the same tier's requests
of the same kind, streamed or not, have had for each byte so far. Such numbers are kept apart from
what is known.
"""

from typing import Final

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


class Estimator:
    """Learns from what is known; a restart forgets it."""

    def __init__(self) -> None:
        self._prompts: dict[tuple[str, bool], _Ratio] = {}
        self._completions: dict[tuple[str, bool], _Ratio] = {}

    def learn(self, record: Completed, tokens: Tokens) -> None:
        """One request whose tokens are known."""
        self._prompt(record).add(record.received, tokens.prompt)
        self._completion(record).add(record.sent, tokens.completion)

    def tokens(self, record: Completed) -> Tokens:
        """An estimate for one request whose tokens are not."""
        return Tokens(
            prompt=self._prompt(record).tokens(record.received),
            completion=self._completion(record).tokens(record.sent),
        )

    def _prompt(self, record: Completed) -> _Ratio:
        return self._prompts.setdefault(_kind(record), _Ratio(_PROMPT_BYTES))

    def _completion(self, record: Completed) -> _Ratio:
        prior = _STREAMED_BYTES if record.streamed else _PROMPT_BYTES
        return self._completions.setdefault(_kind(record), _Ratio(prior))


def _kind(record: Completed) -> tuple[str, bool]:
    return record.served_by, record.streamed
