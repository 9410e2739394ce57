"""How long a step of the engine takes, for the models and cards that the tiers are sized for.

The cost of one step is linear, `base + a * sequences + b * prefill tokens`: decoding is bound by
reading the weights (base), attention adds a little per sequence, and prefill is bound by compute.
The figures for the T4 are orders of magnitude (320 GB/s, about 25 TFLOP/s in FP16), meant to be
replaced by measurements of the real card.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyProfile:
    """The cost of a step in milliseconds, and the KV blocks (16 tokens) beside the weights."""

    base_ms: float
    sequence_ms: float
    prefill_token_ms: float
    num_gpu_blocks: int

    def step_seconds(self, *, sequences: int, prefill_tokens: int) -> float:
        """The duration in seconds of a step for so many sequences and tokens of prompt."""
        return (
            self.base_ms + self.sequence_ms * sequences + self.prefill_token_ms * prefill_tokens
        ) / 1000


PROFILES: Final[Mapping[str, LatencyProfile]] = MappingProxyType(
    {
        "instant": LatencyProfile(
            base_ms=0.0, sequence_ms=0.0, prefill_token_ms=0.0, num_gpu_blocks=16384
        ),
        # 28 layers, 2 KV heads of 128: 28 KiB a token in FP16; about 9 GiB are left for the cache.
        "qwen2.5-1.5b-t4": LatencyProfile(
            base_ms=15.0, sequence_ms=0.2, prefill_token_ms=0.12, num_gpu_blocks=20480
        ),
        # 28 layers, 8 KV heads of 128: 112 KiB a token in FP16; about 6 GiB are left for the cache.
        "llama-3.2-3b-t4": LatencyProfile(
            base_ms=27.0, sequence_ms=0.35, prefill_token_ms=0.25, num_gpu_blocks=3584
        ),
    }
)
