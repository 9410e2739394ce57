"""The replica's /metrics: vLLM's names, labels, types and buckets, fed by what the engine did.

Names and buckets are those of vLLM's Prometheus logger (v0.31). Counters get their `_total` from
the client library. Features that a simulated replica does not have (multi-modal cache, external
prefix cache, sleep) are exported as vLLM exports them when unused: with their constant value.
"""

from collections.abc import Callable, Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from extproc.engines.sim.scheduler import Scheduler, StepResult
from extproc.engines.sim.sequence import FinishReason, Sequence
from extproc.engines.sim.settings import Settings

_LABELS: Final = ("model_name", "engine")
_TTFT_BUCKETS: Final = (
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0,
    2.5, 5.0, 7.5, 10.0, 20.0, 40.0, 80.0, 160.0, 640.0, 2560.0,
)  # fmt: skip
_TOKEN_LATENCY_BUCKETS: Final = (
    0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0,
    2.5, 5.0, 7.5, 10.0, 20.0, 40.0, 80.0,
)  # fmt: skip
_LATENCY_BUCKETS: Final = (
    0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0,
    40.0, 50.0, 60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, 7680.0,
)  # fmt: skip
_ITERATION_BUCKETS: Final = (1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)
_N_BUCKETS: Final = (1, 2, 5, 10, 20)
_PREEMPTION_BUCKETS: Final = (1, 2, 3, 4, 5, 10, 20)


def token_buckets(max_model_len: int) -> tuple[int, ...]:
    """The 1-2-5 series up to and including `max_model_len`, vLLM's buckets for token counts."""
    buckets: list[int] = []
    scale = 1
    while True:
        for mantissa in (1, 2, 5):
            if mantissa * scale > max_model_len:
                return tuple(buckets)
            buckets.append(mantissa * scale)
        scale *= 10


class Metrics:
    """One registry for one replica; the gauges read the scheduler at the moment of the scrape."""

    def __init__(self, settings: Settings, scheduler: Scheduler) -> None:
        self._registry = CollectorRegistry()
        self._model = settings.model
        self._add_gauges(settings, scheduler)
        self._add_unused()
        self._add_counters()
        self._add_size_histograms(token_buckets(settings.max_model_len))
        self._add_time_histograms()
        self._seen_queries = self._seen_hits = 0
        self._scheduler = scheduler

    def exposition(self) -> bytes:
        """The text that Prometheus scrapes, format 0.0.4."""
        return generate_latest(self._registry)

    def rejected(self) -> None:
        """Count a request that the cap of the queue turned away."""
        self._rejections.inc()

    def aborted(self) -> None:
        """Count a sequence whose client went away."""
        self._success[FinishReason.ABORT].inc()

    def observe(self, result: StepResult) -> None:
        """Record one step of the engine."""
        self._preemptions.inc(result.plan.preempted)
        for sequence in result.prefilled:
            self._observe_prefill(sequence)
        for token in result.tokens:
            (self._ttft if token.first else self._itl).observe(token.latency)
        self._generation_tokens.inc(len(result.tokens))
        self._iteration_tokens.observe(
            len(result.tokens) + sum(len(sequence.prompt) for sequence in result.prefilled)
        )
        for sequence in result.finished:
            self._observe_finished(sequence, result.plan.ends_at)
        self._observe_prefix_cache()

    def _observe_prefill(self, sequence: Sequence) -> None:
        cached = sequence.cached_tokens or 0
        self._prompt_tokens.inc(len(sequence.prompt))
        self._cached_tokens.inc(cached)
        self._cache_hit_tokens.inc(cached)
        self._computed_tokens.inc(len(sequence.prompt) - cached)

    def _observe_prefix_cache(self) -> None:
        scheduler = self._scheduler
        self._prefix_queries.inc(scheduler.prefix_queries - self._seen_queries)
        self._prefix_hits.inc(scheduler.prefix_hits - self._seen_hits)
        self._seen_queries, self._seen_hits = scheduler.prefix_queries, scheduler.prefix_hits

    def _observe_finished(self, sequence: Sequence, now: float) -> None:
        self._success[sequence.finish_reason].inc()
        self._observe_times(sequence, now)
        self._request_prompt.observe(len(sequence.prompt))
        self._request_generation.observe(sequence.generated)
        self._request_computed.observe(len(sequence.prompt) - (sequence.cached_tokens or 0))
        self._request_preemptions.observe(sequence.preemptions)
        if sequence.group.max_tokens is not None:
            self._params_max_tokens.observe(sequence.group.max_tokens)
        if sequence.group.unfinished == 0:
            self._params_n.observe(sequence.group.n)
            self._max_generation.observe(sequence.group.longest)

    def _observe_times(self, sequence: Sequence, now: float) -> None:
        arrived = sequence.arrived_at
        scheduled = arrived if sequence.scheduled_at is None else sequence.scheduled_at
        first = now if sequence.first_token_at is None else sequence.first_token_at
        decode = now - first
        self._e2e.observe(max(0.0, now - arrived))
        self._queue_time.observe(scheduled - arrived)
        self._prefill_time.observe(max(0.0, first - scheduled))
        self._decode_time.observe(decode)
        self._inference_time.observe(max(0.0, now - scheduled))
        self._tpot.observe(decode / (sequence.generated - 1) if sequence.generated > 1 else 0.0)

    def _add_gauges(self, settings: Settings, scheduler: Scheduler) -> None:
        self._gauge(
            "num_requests_running",
            "Number of requests in model execution batches.",
            lambda: scheduler.running,
        )
        self._gauge(
            "num_requests_waiting",
            "Number of requests waiting to be processed.",
            lambda: scheduler.waiting,
        )
        self._gauge(
            "kv_cache_usage_perc",
            "KV-cache usage. 1 means 100 percent usage.",
            lambda: scheduler.kv_usage,
        )
        by_reason = self._labelled_gauge(
            "num_requests_waiting_by_reason", "Number of requests waiting, by reason.", "reason"
        )
        by_reason.labels(self._model, "0", "capacity").set_function(lambda: scheduler.waiting)
        by_reason.labels(self._model, "0", "deferred").set(0)
        info = {
            "block_size": str(settings.block_size),
            "cache_dtype": "auto",
            "enable_prefix_caching": str(settings.enable_prefix_caching),
            "engine": "0",
            "num_gpu_blocks": str(settings.num_gpu_blocks),
        }
        config = Gauge(
            "vllm:cache_config_info",
            "Information of the LLMEngine CacheConfig",
            tuple(info),
            registry=self._registry,
        )
        config.labels(**info).set(1)

    def _add_unused(self) -> None:
        sleep = self._labelled_gauge("engine_sleep_state", "Engine sleep state.", "sleep_state")
        sleep.labels(self._model, "0", "awake").set(1)
        sleep.labels(self._model, "0", "weights_offloaded").set(0)
        sleep.labels(self._model, "0", "discard_all").set(0)
        for name, what in (
            ("external_prefix_cache_queries", "External prefix cache queries, in tokens."),
            ("external_prefix_cache_hits", "External prefix cache hits, in tokens."),
            ("mm_cache_queries", "Multi-modal cache queries, in items."),
            ("mm_cache_hits", "Multi-modal cache hits, in items."),
        ):
            self._counter(name, what)

    def _add_counters(self) -> None:
        self._prefix_queries = self._counter(
            "prefix_cache_queries", "Prefix cache queries, in terms of number of queried tokens."
        )
        self._prefix_hits = self._counter(
            "prefix_cache_hits", "Prefix cache hits, in terms of number of cached tokens."
        )
        self._preemptions = self._counter(
            "num_preemptions", "Cumulative number of preemption from the engine."
        )
        self._prompt_tokens = self._counter("prompt_tokens", "Number of prefill tokens processed.")
        self._cached_tokens = self._counter(
            "prompt_tokens_cached", "Number of cached prompt tokens (local + external)."
        )
        self._generation_tokens = self._counter(
            "generation_tokens", "Number of generation tokens processed."
        )
        by_source = self._labelled_counter(
            "prompt_tokens_by_source", "Number of prompt tokens by source.", "source"
        )
        self._computed_tokens = by_source.labels(self._model, "0", "local_compute")
        self._cache_hit_tokens = by_source.labels(self._model, "0", "local_cache_hit")
        by_source.labels(self._model, "0", "external_kv_transfer")
        success = self._labelled_counter(
            "request_success", "Count of successfully processed requests.", "finished_reason"
        )
        self._success = {
            reason: success.labels(self._model, "0", reason) for reason in FinishReason
        }
        rejections = Counter(
            "vllm:admission_rejections",
            "Number of requests rejected by an admission limit.",
            ("model_name", "reason"),
            registry=self._registry,
        )
        self._rejections = rejections.labels(self._model, "max_num_queued_reqs")

    def _add_size_histograms(self, buckets: Iterable[float]) -> None:
        self._request_prompt = self._histogram(
            "request_prompt_tokens", "Number of prefill tokens processed.", buckets
        )
        self._request_generation = self._histogram(
            "request_generation_tokens", "Number of generation tokens processed.", buckets
        )
        self._request_computed = self._histogram(
            "request_prefill_kv_computed_tokens",
            "Histogram of new KV tokens computed during prefill (excluding cached tokens).",
            buckets,
        )
        self._max_generation = self._histogram(
            "request_max_num_generation_tokens",
            "Histogram of maximum number of requested generation tokens.",
            buckets,
        )
        self._params_max_tokens = self._histogram(
            "request_params_max_tokens",
            "Histogram of the max_tokens request parameter.",
            buckets,
        )
        self._params_n = self._histogram(
            "request_params_n", "Histogram of the n request parameter.", _N_BUCKETS
        )
        self._request_preemptions = self._histogram(
            "request_num_preemptions",
            "Histogram of the number of preemptions per request.",
            _PREEMPTION_BUCKETS,
        )
        self._iteration_tokens = self._histogram(
            "iteration_tokens_total",
            "Histogram of number of tokens per engine_step.",
            _ITERATION_BUCKETS,
        )

    def _add_time_histograms(self) -> None:
        self._ttft = self._histogram(
            "time_to_first_token_seconds",
            "Histogram of time to first token in seconds.",
            _TTFT_BUCKETS,
        )
        self._itl = self._histogram(
            "inter_token_latency_seconds",
            "Histogram of inter-token latency in seconds.",
            _TOKEN_LATENCY_BUCKETS,
        )
        self._tpot = self._histogram(
            "request_time_per_output_token_seconds",
            "Histogram of time_per_output_token_seconds per request.",
            _TOKEN_LATENCY_BUCKETS,
        )
        self._e2e = self._histogram(
            "e2e_request_latency_seconds",
            "Histogram of e2e request latency in seconds.",
            _LATENCY_BUCKETS,
        )
        self._queue_time = self._phase("queue", "WAITING")
        self._inference_time = self._phase("inference", "RUNNING")
        self._prefill_time = self._phase("prefill", "PREFILL")
        self._decode_time = self._phase("decode", "DECODE")

    def _phase(self, name: str, phase: str) -> Histogram:
        return self._histogram(
            f"request_{name}_time_seconds",
            f"Histogram of time spent in {phase} phase for request.",
            _LATENCY_BUCKETS,
        )

    def _gauge(self, name: str, what: str, read: Callable[[], float]) -> None:
        gauge = Gauge(f"vllm:{name}", what, _LABELS, registry=self._registry)
        gauge.labels(self._model, "0").set_function(read)

    def _labelled_gauge(self, name: str, what: str, label: str) -> Gauge:
        return Gauge(f"vllm:{name}", what, (*_LABELS, label), registry=self._registry)

    def _counter(self, name: str, what: str) -> Counter:
        counter = Counter(f"vllm:{name}", what, _LABELS, registry=self._registry)
        return counter.labels(self._model, "0")

    def _labelled_counter(self, name: str, what: str, label: str) -> Counter:
        return Counter(f"vllm:{name}", what, (*_LABELS, label), registry=self._registry)

    def _histogram(self, name: str, what: str, buckets: Iterable[float]) -> Histogram:
        histogram = Histogram(
            f"vllm:{name}", what, _LABELS, buckets=tuple(buckets), registry=self._registry
        )
        return histogram.labels(self._model, "0")
