"""What one simulated replica is started with."""

from dataclasses import dataclass
from typing import Final

from extproc.engines.sim.profiles import LatencyProfile

DEFAULT_MAX_MODEL_LEN: Final = 8192
DEFAULT_MAX_NUM_SEQS: Final = 256
DEFAULT_MAX_NUM_BATCHED_TOKENS: Final = 2048
DEFAULT_BLOCK_SIZE: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The replica's shape; the names are those of vLLM's flags where vLLM has one.

    `served_model_names[0]` is the canonical name: every name is answered, but responses carry the
    first, as vLLM does. `speed` divides every simulated duration. `max_waiting` is the number of
    requests that may wait beyond those that run, None for no limit. Raises ValueError for values
    that no replica could start with.
    """

    served_model_names: tuple[str, ...]
    profile: LatencyProfile
    num_gpu_blocks: int
    speed: float = 1.0
    max_model_len: int = DEFAULT_MAX_MODEL_LEN
    max_num_seqs: int = DEFAULT_MAX_NUM_SEQS
    max_num_batched_tokens: int = DEFAULT_MAX_NUM_BATCHED_TOKENS
    block_size: int = DEFAULT_BLOCK_SIZE
    max_waiting: int | None = None
    enable_prefix_caching: bool = True
    enable_force_include_usage: bool = False
    seed: int = 0
    startup_seconds: float = 0.0

    def __post_init__(self) -> None:
        self._check_numbers()
        capacity = self.num_gpu_blocks * self.block_size
        if capacity < self.max_model_len:
            # Otherwise one long sequence could preempt itself for ever; vLLM refuses to start too.
            raise ValueError(
                f"max-model-len {self.max_model_len} does not fit the KV cache of {capacity} tokens"
            )

    @property
    def model(self) -> str:
        """The canonical name of the served model."""
        return self.served_model_names[0]

    def _check_numbers(self) -> None:
        positive = {
            "speed": self.speed,
            "max-model-len": self.max_model_len,
            "max-num-seqs": self.max_num_seqs,
            "max-num-batched-tokens": self.max_num_batched_tokens,
            "num-gpu-blocks": self.num_gpu_blocks,
            "block-size": self.block_size,
        }
        for name, value in positive.items():
            if not value > 0:  # true of NaN too
                raise ValueError(f"{name} must be above 0, not {value}")
        if not self.startup_seconds >= 0 or (self.max_waiting or 0) < 0:
            raise ValueError("startup-seconds and max-waiting must not be negative")
