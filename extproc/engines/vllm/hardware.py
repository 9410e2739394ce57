"""What a kind of machine asks of vLLM, whatever the model."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, final


@final
@enum.unique
class Kind(enum.StrEnum):
    """The machines that there are defaults for.

    Attributes:
        T4: compute capability 7.5 and 16 GB, as in AWS's g4dn.
        GPU: 8.0 and newer, from A10G and L4 on.
        CPU: none; for trying things out, with a small model.

    """

    T4 = "t4"
    GPU = "gpu"
    CPU = "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """The defaults of one kind; a tier's own `vllm` section is stronger.

    `memory_flag` is the name of the flag that bounds vLLM's memory and `memory` its value;
    `more` are flags that no key of the config stands for.
    """

    dtype: str
    memory_flag: str
    memory: float
    max_num_seqs: int
    max_num_batched_tokens: int | None
    ready_seconds: float
    more: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


GIB: Final = 1 << 30
HARDWARE: Final[Mapping[Kind, Hardware]] = MappingProxyType(
    {
        # No bfloat16 before 8.0. FlashAttention 2 and an FP8 cache need 8.0 too; vLLM takes its
        # Triton kernels by itself, and the cache keeps the type of the weights when left alone.
        # Smaller batches than vLLM's own leave memory to the cache, which is what runs out first.
        Kind.T4: Hardware(
            dtype="half",
            memory_flag="gpu-memory-utilization",
            memory=0.9,
            max_num_seqs=64,
            max_num_batched_tokens=2048,
            ready_seconds=600,
        ),
        Kind.GPU: Hardware(
            dtype="auto",
            memory_flag="gpu-memory-utilization",
            memory=0.9,
            max_num_seqs=256,
            max_num_batched_tokens=None,
            ready_seconds=600,
        ),
        # Compiling took two minutes on two cores for a model of 135M parameters, and what it gains
        # is little beside them. The engine's threads are few anyway, so it may share its cores.
        Kind.CPU: Hardware(
            dtype="half",
            memory_flag="kv-cache-memory-bytes",
            memory=1.0 * GIB,
            max_num_seqs=16,
            max_num_batched_tokens=None,
            ready_seconds=300,
            more=("--enforce-eager",),
        ),
    }
)
