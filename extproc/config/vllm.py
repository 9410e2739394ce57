"""How the vLLM of a tier is run, beyond what every tier has."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=1)]
Flag = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*$")]
"""A flag of vLLM's without its dashes."""
Parser = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Variable = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]*$")]
DECLARED: Final = frozenset(
    {
        "chat-template", "dtype", "enable-auto-tool-choice", "enable-force-include-usage",
        "enable-prefix-caching", "enable-prompt-tokens-details", "gpu-memory-utilization", "host",
        "kv-cache-memory-bytes", "max-model-len", "max-num-batched-tokens", "max-num-queued-reqs",
        "max-num-seqs", "model", "port", "reasoning-parser", "served-model-name",
        "tensor-parallel-size", "tool-call-parser",
    }
)  # fmt: skip
"""What follows from the document's own keys and so has no place among `flags`."""


class Vllm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The engine of one tier. What is None is the hardware's default.

    `max_num_queued_reqs` bounds the requests inside vLLM: those beyond get 503 and so another tier.
    `reasoning_parser` parts a thinking model's thoughts from its answer; `tool_call_parser` lets
    the model call tools by itself. `chat_template` is a file on the server's machine. `flags` are
    any others of vLLM's, `true` for one that takes no value, and `env` is the process's.
    `ready_seconds` is how long the server may take to load before it is given up.
    """

    dtype: Literal["auto", "half", "bfloat16", "float32"] | None = None
    gpu_memory_utilization: Annotated[float, Meta(gt=0, le=1)] | None = None
    kv_cache_gib: Annotated[float, Meta(gt=0)] | None = None
    max_num_seqs: Count | None = None
    max_num_batched_tokens: Count | None = None
    max_num_queued_reqs: Count | None = None
    tensor_parallel_size: Count = 1
    reasoning_parser: Parser | None = None
    tool_call_parser: Parser | None = None
    chat_template: str | None = None
    flags: Mapping[Flag, bool | int | float | str] = {}
    env: Mapping[Variable, str] = {}
    ready_seconds: Annotated[float, Meta(gt=0)] | None = None
