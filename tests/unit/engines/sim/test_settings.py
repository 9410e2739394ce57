"""Unit tests of the replica's settings."""

import pytest
from sim_builders import settings


class TestSettings:
    """What a replica can be started with."""

    def test_first_name_is_canonical(self) -> None:
        """Of several served names the first is the model's own."""
        assert "one" == settings(served_model_names=("one", "two")).model

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("speed", 0.0),
            ("speed", float("nan")),
            ("max_model_len", 0),
            ("max_num_seqs", -1),
            ("max_num_batched_tokens", 0),
            ("num_gpu_blocks", 0),
            ("block_size", 0),
            ("startup_seconds", -0.1),
            ("max_waiting", -1),
        ],
    )
    def test_impossible_value_is_refused(self, field: str, value: float) -> None:
        """A value that no replica could start with names its flag."""
        with pytest.raises(ValueError, match=field.replace("_", "-")):
            settings(**{field: value})

    def test_context_beyond_the_cache_is_refused(self) -> None:
        """A sequence that could never fit the KV cache is refused at the start."""
        with pytest.raises(ValueError, match="does not fit the KV cache of 160 tokens"):
            settings(num_gpu_blocks=10, block_size=16, max_model_len=161)
