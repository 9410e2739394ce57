"""Unit tests of the latency profiles."""

from extproc.engines.sim.profiles import PROFILES, LatencyProfile


class TestLatencyProfile:
    """The cost of a step."""

    def test_step_is_linear_in_sequences_and_prefill(self) -> None:
        """A step costs its base, a share for each sequence and one for each token of prompt."""
        profile = LatencyProfile(
            base_ms=10.0, sequence_ms=0.5, prefill_token_ms=0.1, num_gpu_blocks=1
        )

        assert 0.032 == profile.step_seconds(sequences=4, prefill_tokens=200)

    def test_instant_costs_nothing(self) -> None:
        """The profile for tests takes no time however large the step."""
        assert 0.0 == PROFILES["instant"].step_seconds(sequences=9, prefill_tokens=9000)

    def test_larger_model_is_slower(self) -> None:
        """On the same card three billion weights take longer to read than one and a half."""
        small, large = PROFILES["qwen2.5-1.5b-t4"], PROFILES["llama-3.2-3b-t4"]

        assert small.step_seconds(sequences=1, prefill_tokens=0) < large.step_seconds(
            sequences=1, prefill_tokens=0
        )
