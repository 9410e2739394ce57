"""POST /v1/embeddings: unit vectors that depend on nothing but the model's name and the tokens."""

import base64
import math
import random
import struct
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec

from extproc.engines.sim import sse
from extproc.engines.sim.errors import model_not_found
from extproc.engines.sim.exchange import Call
from extproc.engines.sim.generation import Generation, Usage
from extproc.engines.sim.inputs import Input, encode_inputs

_DIMENSIONS: Final = 384
_NO_DETAILS: Final = {"prompt_tokens_details": None, "completion_tokens_details": None}
_MAX_DIMENSIONS: Final = 4096


class EmbeddingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that the simulator honours; all others are accepted and ignored."""

    input: Input
    model: str | None = None
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: Annotated[int, msgspec.Meta(gt=0, le=_MAX_DIMENSIONS)] | None = None


_DECODER: Final = msgspec.json.Decoder(EmbeddingRequest)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingExchange:
    """The vectors of one or more inputs; embeddings are never streamed."""

    call: Call
    generation: Generation
    base64: bool
    dimensions: int
    events: None = None

    def answer(self, usage: Usage) -> bytes:
        """The list of `embedding` objects, in the order of the inputs."""
        rows = [
            {"index": index, "object": "embedding", "embedding": self._vector(prompt)}
            for index, prompt in enumerate(self.generation.prompts)
        ]
        return sse.encode(
            {
                "id": f"embd-{self.call.request_id}",
                "object": "list",
                "created": self.call.created,
                "model": self.call.settings.model,
                "data": rows,
                "usage": usage.counts() | _NO_DETAILS,
            }
        )

    def _vector(self, prompt: tuple[int, ...]) -> list[float] | str:
        generator = random.Random(f"{self.call.settings.model}/{hash(prompt)}")  # noqa: S311
        raw = [generator.gauss(0.0, 1.0) for _ in range(self.dimensions)]
        norm = math.sqrt(sum(value * value for value in raw))
        vector = [value / norm for value in raw]
        return _packed(vector) if self.base64 else vector


def parse(body: bytes, call: Call) -> EmbeddingExchange:
    """Check a body as vLLM does; raises ApiError, and msgspec's errors where it is not JSON."""
    request = _DECODER.decode(body)
    if request.model and request.model not in call.settings.served_model_names:
        raise model_not_found(request.model)
    prompts = encode_inputs(request.input, call.settings)
    return EmbeddingExchange(
        call=call,
        generation=Generation(prompts=tuple(prompts)),
        base64=request.encoding_format == "base64",
        dimensions=request.dimensions or _DIMENSIONS,
    )


def _packed(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
