"""The replica's /metrics: vLLM's families, fed by what the engine did.

Features that a simulated replica does not have (multi-modal cache, external prefix cache, sleep)
are exported as vLLM exports them when they are not used: with a constant value.
"""

from extproc.engines.sim.families import Families
from extproc.engines.sim.scheduler import Scheduler, StepResult
from extproc.engines.sim.sequence import FinishReason, Sequence
from extproc.engines.sim.settings import Settings


class Metrics:
    """The metrics of one replica; the gauges read the scheduler at the moment of the scrape."""

    def __init__(self, settings: Settings, scheduler: Scheduler) -> None:
        self._families = families = Families(settings.model, settings.max_model_len)
        families.read("num_requests_running", lambda: scheduler.running)
        families.read("num_requests_waiting", lambda: scheduler.waiting)
        families.read("kv_cache_usage_perc", lambda: scheduler.kv_usage)
        capacity, _ = families.labelled_gauge(
            "num_requests_waiting_by_reason",
            "Number of requests waiting to be processed, by reason.",
            "reason",
            ["capacity", "deferred"],
        )
        capacity.set_function(lambda: scheduler.waiting)
        self._sources = families.labelled_counter(
            "prompt_tokens_by_source",
            "Number of prompt tokens by source.",
            "source",
            ["local_compute", "local_cache_hit", "external_kv_transfer"],
        )
        # The first stands for the cache on the card; a simulated replica has no other.
        self._cached = families.labelled_counter(
            "prompt_tokens_cached_by_source",
            "Prefix-cache hit tokens by the cache tier that supplied them.",
            "source",
            ["device", "host", "p2p", "disk", "external_unspecified"],
        )[0]
        reasons = list(FinishReason)
        success = families.labelled_counter(
            "request_success",
            "Count of successfully processed requests.",
            "finished_reason",
            [reason.value for reason in reasons],
        )
        self._success = dict(zip(reasons, success, strict=True))
        self._rejections = families.frontend_counter(
            "admission_rejections",
            "Number of requests rejected by an admission limit.",
            ["max_num_queued_reqs", "max_num_queued_tokens"],
        )[0]
        self._describe(settings)

    def exposition(self) -> bytes:
        """The text that Prometheus scrapes, format 0.0.4."""
        return self._families.exposition()

    def rejected(self) -> None:
        """Count a request that the cap of the queue turned away."""
        self._rejections.inc()

    def aborted(self) -> None:
        """Count a sequence whose client went away."""
        self._success[FinishReason.ABORT].inc()

    def observe(self, result: StepResult) -> None:
        """Record one step of the engine."""
        families = self._families
        families.count("num_preemptions", result.plan.preempted)
        for sequence in result.plan.admitted:
            families.count("prefix_cache_queries", len(sequence.prompt))
            families.count("prefix_cache_hits", sequence.cached_tokens or 0)
        for sequence in result.prefilled:
            self._observe_prefill(sequence)
        for token in result.tokens:
            name = "time_to_first_token_seconds" if token.first else "inter_token_latency_seconds"
            families.observe(name, token.latency)
        families.count("generation_tokens", len(result.tokens))
        prompt_tokens = sum(len(sequence.prompt) for sequence in result.prefilled)
        families.observe("iteration_tokens_total", prompt_tokens + len(result.tokens))
        for sequence in result.finished:
            self._observe_finished(sequence, result.plan.ends_at)

    def _observe_prefill(self, sequence: Sequence) -> None:
        cached = sequence.cached_tokens or 0
        self._families.count("prompt_tokens", len(sequence.prompt))
        self._families.count("prompt_tokens_cached", cached)
        computed, hit, _ = self._sources
        self._cached.inc(cached)
        computed.inc(len(sequence.prompt) - cached)
        hit.inc(cached)

    def _observe_finished(self, sequence: Sequence, now: float) -> None:
        self._success[sequence.finish_reason].inc()
        self._observe_times(sequence, now)
        observe = self._families.observe
        computed = len(sequence.prompt) - (sequence.cached_tokens or 0)
        observe("request_prompt_tokens", len(sequence.prompt))
        observe("request_generation_tokens", sequence.generated)
        observe("request_prefill_kv_computed_tokens", computed)
        observe("request_num_preemptions", sequence.preemptions)
        group = sequence.group
        if group.max_tokens is not None:
            observe("request_params_max_tokens", group.max_tokens)
        if group.last is sequence:
            observe("request_params_n", group.n)
            observe("request_max_num_generation_tokens", group.longest)

    def _observe_times(self, sequence: Sequence, now: float) -> None:
        observe = self._families.observe
        arrived, scheduled = sequence.arrived_at, sequence.scheduled_at
        # A pooling request has no token: its prefill lasts to the end.
        first = now if sequence.first_token_at is None else sequence.first_token_at
        more_tokens = max(sequence.generated - 1, 1)
        observe("e2e_request_latency_seconds", max(0.0, now - arrived))
        observe("request_queue_time_seconds", scheduled - arrived)
        observe("request_prefill_time_seconds", max(0.0, first - scheduled))
        observe("request_decode_time_seconds", now - first)
        observe("request_inference_time_seconds", max(0.0, now - scheduled))
        observe("request_time_per_output_token_seconds", (now - first) / more_tokens)

    def _describe(self, settings: Settings) -> None:
        awake, *_ = self._families.labelled_gauge(
            "engine_sleep_state",
            "Engine sleep state; awake = 1 means engine is awake.",
            "sleep_state",
            ["awake", "weights_offloaded", "discard_all"],
        )
        awake.set(1)
        config = {
            "block_size": str(settings.block_size),
            "cache_dtype": "auto",
            "enable_prefix_caching": str(settings.enable_prefix_caching),
            "engine": "0",
            "num_gpu_blocks": str(settings.num_gpu_blocks),
        }
        self._families.info("cache_config_info", "Information of the LLMEngine CacheConfig", config)
