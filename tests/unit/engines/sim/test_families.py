"""Unit tests of the metric families."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from extproc.engines.sim.families import (
    COUNTERS,
    COUNTS,
    GAUGES,
    SIZES,
    TIMES,
    Families,
    token_buckets,
)


def exposed(families: Families) -> dict[str, str]:
    """The type of every exposed family by its name."""
    text = families.exposition().decode()
    return {family.name: family.type for family in text_string_to_metric_families(text)}


class TestTokenBuckets:
    """Buckets for counts of tokens."""

    @pytest.mark.parametrize(
        ("limit", "expected"),
        [(1, (1,)), (100, (1, 2, 5, 10, 20, 50, 100)), (300, (1, 2, 5, 10, 20, 50, 100, 200))],
    )
    def test_one_two_five_up_to_the_limit(self, limit: int, expected: tuple[int, ...]) -> None:
        """The series 1-2-5 goes on to the largest value that is not above the limit."""
        assert expected == token_buckets(limit)


class TestFamilies:
    """Names, types and labels as exposed."""

    @pytest.mark.parametrize(
        ("names", "kind"),
        [
            ([*TIMES, *SIZES, *COUNTS], "histogram"),
            (list(COUNTERS), "counter"),
            (list(GAUGES), "gauge"),
        ],
        ids=["histograms", "counters", "gauges"],
    )
    def test_families_have_their_type(self, names: list[str], kind: str) -> None:
        """Every family of the tables is exposed under vLLM's prefix with its type."""
        types = exposed(Families("tiny", 512))

        assert {f"vllm:{name}": kind for name in names} == {
            name: types[name] for name in types if name.removeprefix("vllm:") in names
        }

    def test_samples_carry_model_and_engine(self) -> None:
        """Every sample of a plain family has the labels of vLLM."""
        families = Families("tiny", 512)
        families.count("prompt_tokens", 3)

        assert (
            b'vllm:prompt_tokens_total{engine="0",model_name="tiny"} 3.0' in families.exposition()
        )

    def test_gauge_is_read_at_the_scrape(self) -> None:
        """A gauge shows the value of the moment, not that of its registration."""
        families = Families("tiny", 512)
        values = iter([1.0, 2.0])
        families.read("num_requests_running", lambda: next(values))
        families.exposition()

        assert (
            b'vllm:num_requests_running{engine="0",model_name="tiny"} 2.0' in families.exposition()
        )

    def test_removed_names_are_gone(self) -> None:
        """Names that vLLM has removed are not exposed."""
        text = Families("tiny", 512).exposition().decode()

        assert "vllm:time_per_output_token_seconds" not in text
        assert "gpu_cache_usage_perc" not in text
