"""Unit tests of the metrics: the engine runs in virtual time, the exposition is read back."""

from prometheus_client.parser import text_string_to_metric_families
from sim_builders import run, sequence, settings, step

from extproc.engines.sim.metrics import Metrics
from extproc.engines.sim.profiles import LatencyProfile
from extproc.engines.sim.scheduler import Scheduler
from extproc.engines.sim.sequence import Sequence, SequenceGroup

SECOND = LatencyProfile(base_ms=1000.0, sequence_ms=0.0, prefill_token_ms=0.0, num_gpu_blocks=1)


def value(metrics: Metrics, name: str, **labels: str) -> float:
    """The value of one sample; labels other than those given are ignored."""
    text = metrics.exposition().decode()
    return next(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == f"vllm:{name}" and labels.items() <= sample.labels.items()
    )


def measured(*sequences: Sequence, **overrides: object) -> Metrics:
    """The metrics after these sequences have run, one after the other."""
    configuration = settings(profile=SECOND, **overrides)
    scheduler = Scheduler(configuration)
    metrics = Metrics(configuration, scheduler)
    for subject in sequences:
        scheduler.add([subject])
        for result in run(scheduler, now=10.0):
            metrics.observe(result)
    return metrics


class TestTokens:
    """Counters of tokens."""

    def test_prompt_and_generation_are_counted(self) -> None:
        """Tokens count once they have been computed."""
        metrics = measured(sequence(prompt=10, output=3))

        assert (10, 3) == (
            value(metrics, "prompt_tokens_total"),
            value(metrics, "generation_tokens_total"),
        )

    def test_cached_prompt_is_counted_by_source(self) -> None:
        """Of a prompt seen before the full blocks are cache hits, the rest is computed."""
        metrics = measured(
            sequence(prompt=10, output=1), sequence(prompt=10, output=1), block_size=4
        )

        assert (8, 12) == (
            value(metrics, "prompt_tokens_by_source_total", source="local_cache_hit"),
            value(metrics, "prompt_tokens_by_source_total", source="local_compute"),
        )

    def test_prefix_cache_counts_queried_and_hit_tokens(self) -> None:
        """Every prompt queries the prefix cache with all its tokens."""
        metrics = measured(
            sequence(prompt=10, output=1), sequence(prompt=10, output=1), block_size=4
        )

        assert (20, 8) == (
            value(metrics, "prefix_cache_queries_total"),
            value(metrics, "prefix_cache_hits_total"),
        )

    def test_step_observes_its_tokens(self) -> None:
        """A step's tokens are those of completed prompts and the generated ones."""
        metrics = measured(sequence(prompt=10, output=2))

        assert (2, 12) == (
            value(metrics, "iteration_tokens_total_count"),
            value(metrics, "iteration_tokens_total_sum"),
        )


class TestTimes:
    """Histograms of times."""

    def test_phases_add_up(self) -> None:
        """Arrived at 7, scheduled at 10, first token at 11, last at 13: each phase is that long."""
        metrics = measured(sequence(output=3, arrived_at=7.0))
        names = ("queue", "prefill", "decode", "inference")

        assert [3.0, 1.0, 2.0, 3.0] == [
            value(metrics, f"request_{name}_time_seconds_sum") for name in names
        ]
        assert 6.0 == value(metrics, "e2e_request_latency_seconds_sum")

    def test_first_and_later_tokens_are_apart(self) -> None:
        """The first token's latency and those between tokens are different histograms."""
        metrics = measured(sequence(output=3, arrived_at=7.0))

        assert (4.0, 2.0, 2) == (
            value(metrics, "time_to_first_token_seconds_sum"),
            value(metrics, "inter_token_latency_seconds_sum"),
            value(metrics, "inter_token_latency_seconds_count"),
        )

    def test_time_per_output_token_is_the_mean_after_the_first(self) -> None:
        """A request's time per token is its decode time over the tokens after the first."""
        metrics = measured(sequence(output=5))

        assert 1.0 == value(metrics, "request_time_per_output_token_seconds_sum")

    def test_pooling_has_no_decode_time(self) -> None:
        """A request without tokens spends all its time in the prefill."""
        metrics = measured(sequence(output=0))

        assert (1.0, 0.0) == (
            value(metrics, "request_prefill_time_seconds_sum"),
            value(metrics, "request_decode_time_seconds_sum"),
        )


class TestRequests:
    """Counters and histograms of requests."""

    def test_success_is_counted_by_reason(self) -> None:
        """A finished request counts under its reason; the other reasons exist with 0."""
        metrics = measured(sequence())

        assert (1, 0) == (
            value(metrics, "request_success_total", finished_reason="stop"),
            value(metrics, "request_success_total", finished_reason="length"),
        )

    def test_aborts_and_rejections_are_counted(self) -> None:
        """Clients that left and requests that were turned away have counters of their own."""
        metrics = measured()
        metrics.aborted()
        metrics.rejected()

        assert (1, 1) == (
            value(metrics, "request_success_total", finished_reason="abort"),
            value(metrics, "admission_rejections_total", reason="max_num_queued_reqs"),
        )

    def test_parameters_are_observed_once_a_request(self) -> None:
        """The n answers of one request are one observation of n, and of the longest answer."""
        configuration = settings()
        scheduler = Scheduler(configuration)
        metrics = Metrics(configuration, scheduler)
        group = SequenceGroup(n=2, max_tokens=9)
        members = [sequence(output=2), sequence(output=4)]
        for member in members:
            member.group = group
        scheduler.add(members)
        for result in run(scheduler):
            metrics.observe(result)

        assert (1, 2, 4, 18) == (
            value(metrics, "request_params_n_count"),
            value(metrics, "request_params_n_sum"),
            value(metrics, "request_max_num_generation_tokens_sum"),
            value(metrics, "request_params_max_tokens_sum"),
        )

    def test_preemptions_are_counted_and_observed(self) -> None:
        """A preemption counts for the engine, and for the request that it hit."""
        configuration = settings(num_gpu_blocks=4, block_size=4, max_model_len=16)
        scheduler = Scheduler(configuration)
        metrics = Metrics(configuration, scheduler)
        scheduler.add([sequence(prompt=6, output=10), sequence(prompt=6, output=2, first_token=50)])
        scheduler.add([sequence(prompt=6, output=9, first_token=90)])
        for result in run(scheduler):
            metrics.observe(result)
        preemptions = value(metrics, "num_preemptions_total")

        assert preemptions == value(metrics, "request_num_preemptions_sum") > 0


class TestGauges:
    """The state of the moment."""

    def test_engine_state_is_shown(self) -> None:
        """Running, waiting and the use of the cache are those of the scheduler."""
        configuration = settings(max_num_seqs=1, num_gpu_blocks=32)
        scheduler = Scheduler(configuration)
        metrics = Metrics(configuration, scheduler)
        scheduler.add([sequence(prompt=16), sequence(first_token=500)])
        step(scheduler)

        assert (1, 1, 1, 1 / 32) == (
            value(metrics, "num_requests_running"),
            value(metrics, "num_requests_waiting"),
            value(metrics, "num_requests_waiting_by_reason", reason="capacity"),
            value(metrics, "kv_cache_usage_perc"),
        )

    def test_cache_config_is_told_by_labels(self) -> None:
        """The shape of the cache is in the labels of an info metric."""
        assert 1 == value(
            measured(), "cache_config_info", block_size="16", num_gpu_blocks="128", engine="0"
        )
