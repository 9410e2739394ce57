"""One request in one of the APIs: what the engine generates, and how the answer is worded."""

import zlib
from dataclasses import dataclass
from typing import Final, Protocol

from extproc.engines.sim.errors import invalid, model_not_found
from extproc.engines.sim.generation import Generation, Usage
from extproc.engines.sim.settings import Settings
from extproc.engines.sim.tokenizer import VOCABULARY

RELEASE: Final = "0.32.0"
"""The vLLM whose formats are followed; the contract test compares with it."""
_MAX_LOGPROBS: Final = 20
_ALL_LOGPROBS: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The facts about a request that are not in its body; `created` is seconds since the epoch."""

    settings: Settings
    request_id: str
    created: int


class Events(Protocol):
    """The wording of a streamed answer; choice and position point into `generation.outputs`."""

    def accepted(self) -> bytes:
        """The events that are sent at once, before the engine has begun."""
        ...

    def begin(self, usage: Usage) -> bytes:
        """The events that precede the first token."""
        ...

    def token(self, choice: int, position: int) -> bytes:
        """The events of one token; of a choice, positions come in order."""
        ...

    def end(self, usage: Usage) -> bytes:
        """The events that follow the last token."""
        ...


class Exchange(Protocol):
    """An API's side of one request."""

    @property
    def generation(self) -> Generation:
        """What the engine is asked for."""
        ...

    @property
    def events(self) -> Events | None:
        """How the answer is streamed; None where the client wants it whole."""
        ...

    def answer(self, usage: Usage) -> bytes:
        """The body of an answer that is not streamed."""
        ...


def fingerprint(settings: Settings) -> str:
    """The `system_fingerprint` of vLLM: its release, and a digest of how it was started."""
    return f"vllm-{RELEASE}-{zlib.crc32(settings.model.encode()):08x}"


def check_model(model: str | None, settings: Settings) -> None:
    """Raises ApiError for a model that is not served; as with vLLM, none at all is accepted."""
    if model and model not in settings.served_model_names:
        raise model_not_found(model, settings.served_model_names)


def check_logprobs(count: int | None) -> None:
    """Raises ApiError for more alternatives than vLLM's default `--max-logprobs`; -1 is all."""
    if count is None:
        return
    if count < _ALL_LOGPROBS:
        raise invalid("logprobs must be a positive value or -1.", param="logprobs", value=count)
    wanted = VOCABULARY if count == _ALL_LOGPROBS else count
    if wanted > _MAX_LOGPROBS:
        raise invalid(
            f"Requested sample logprobs of {wanted}, "
            f"which is greater than max allowed: {_MAX_LOGPROBS}",
            param="logprobs",
            value=wanted,
        )
