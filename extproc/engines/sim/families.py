"""The metric families of vLLM: names, labels, types and buckets of its Prometheus logger (v0.32).

Names stand here without their `vllm:` prefix; the client library adds `_total` to the counters.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_LABELS: Final = ("model_name", "engine")
_TTFT: Final = (
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0,
    2.5, 5.0, 7.5, 10.0, 20.0, 40.0, 80.0, 160.0, 640.0, 2560.0,
)  # fmt: skip
_TOKEN_LATENCY: Final = (
    0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0,
    2.5, 5.0, 7.5, 10.0, 20.0, 40.0, 80.0,
)  # fmt: skip
_LATENCY: Final = (
    0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0,
    40.0, 50.0, 60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, 7680.0,
)  # fmt: skip

GAUGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "num_requests_running": "Number of requests in model execution batches.",
        "num_requests_waiting": "Number of requests waiting to be processed.",
        "kv_cache_usage_perc": "KV-cache usage. 1 means 100 percent usage.",
    }
)
COUNTERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "prefix_cache_queries": "Prefix cache queries, in terms of number of queried tokens.",
        "prefix_cache_hits": "Prefix cache hits, in terms of number of cached tokens.",
        "external_prefix_cache_queries": "External prefix cache queries, in number of tokens.",
        "external_prefix_cache_hits": "External prefix cache hits, in number of tokens.",
        "mm_cache_queries": "Multi-modal cache queries, in terms of number of queried items.",
        "mm_cache_hits": "Multi-modal cache hits, in terms of number of cached items.",
        "num_preemptions": "Cumulative number of preemption from the engine.",
        "prompt_tokens": "Number of prefill tokens processed.",
        "prompt_tokens_cached": "Number of cached prompt tokens (local + external).",
        "generation_tokens": "Number of generation tokens processed.",
    }
)
TIMES: Final[Mapping[str, tuple[str, tuple[float, ...]]]] = MappingProxyType(
    {
        "time_to_first_token_seconds": ("Time to first token in seconds.", _TTFT),
        "inter_token_latency_seconds": ("Inter-token latency in seconds.", _TOKEN_LATENCY),
        "request_time_per_output_token_seconds": ("Per request, in seconds.", _TOKEN_LATENCY),
        "e2e_request_latency_seconds": ("End-to-end request latency in seconds.", _LATENCY),
        "request_queue_time_seconds": ("Time spent in WAITING phase for request.", _LATENCY),
        "request_inference_time_seconds": ("Time spent in RUNNING phase for request.", _LATENCY),
        "request_prefill_time_seconds": ("Time spent in PREFILL phase for request.", _LATENCY),
        "request_decode_time_seconds": ("Time spent in DECODE phase for request.", _LATENCY),
    }
)
# Counts of tokens, in buckets up to the context length.
SIZES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "request_prompt_tokens": "Number of prefill tokens processed.",
        "request_generation_tokens": "Number of generation tokens processed.",
        "request_max_num_generation_tokens": "Maximum number of requested generation tokens.",
        "request_params_max_tokens": "The max_tokens request parameter.",
        "request_prefill_kv_computed_tokens": "KV tokens computed during prefill, uncached.",
    }
)
COUNTS: Final[Mapping[str, tuple[str, tuple[float, ...]]]] = MappingProxyType(
    {
        "request_params_n": ("The n request parameter.", (1, 2, 5, 10, 20)),
        "request_num_preemptions": ("Preemptions per request.", (1, 2, 3, 4, 5, 10, 20)),
        "iteration_tokens_total": (
            "Number of tokens per engine_step.",
            (1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384),
        ),
    }
)


def token_buckets(max_model_len: int) -> tuple[float, ...]:
    """The 1-2-5 series up to and including `max_model_len`, vLLM's buckets for token counts."""
    buckets: list[float] = []
    scale = 1
    while True:
        for mantissa in (1, 2, 5):
            if mantissa * scale > max_model_len:
                return tuple(buckets)
            buckets.append(mantissa * scale)
        scale *= 10


class Families:
    """Every family of one replica in a registry of its own, labelled with the model's name."""

    def __init__(self, model: str, max_model_len: int) -> None:
        self._registry = CollectorRegistry()
        self._model = model
        self._gauges = {name: self._gauge(name, what) for name, what in GAUGES.items()}
        self._counters = {name: self._counter(name, what) for name, what in COUNTERS.items()}
        sizes = token_buckets(max_model_len)
        histograms = {**TIMES, **{name: (what, sizes) for name, what in SIZES.items()}, **COUNTS}
        self._histograms = {
            name: self._histogram(name, what, buckets)
            for name, (what, buckets) in histograms.items()
        }

    def exposition(self) -> bytes:
        """The text that Prometheus scrapes, format 0.0.4."""
        return generate_latest(self._registry)

    def read(self, name: str, value: Callable[[], float]) -> None:
        """Let a gauge of `GAUGES` call `value` at every scrape."""
        self._gauges[name].set_function(value)

    def count(self, name: str, amount: float) -> None:
        """Add to a counter of `COUNTERS`."""
        self._counters[name].inc(amount)

    def observe(self, name: str, value: float) -> None:
        """Add an observation to a histogram."""
        self._histograms[name].observe(value)

    def labelled_counter(
        self, name: str, what: str, label: str, values: Sequence[str]
    ) -> list[Counter]:
        """A counter with one more label, as the children for its known values."""
        family = Counter(f"vllm:{name}", what, (*_LABELS, label), registry=self._registry)
        return [family.labels(self._model, "0", value) for value in values]

    def labelled_gauge(
        self, name: str, what: str, label: str, values: Sequence[str]
    ) -> list[Gauge]:
        """A gauge with one more label, as the children for its known values."""
        family = Gauge(f"vllm:{name}", what, (*_LABELS, label), registry=self._registry)
        return [family.labels(self._model, "0", value) for value in values]

    def info(self, name: str, what: str, labels: Mapping[str, str]) -> None:
        """A gauge that is always 1 and says something by its labels alone."""
        Gauge(f"vllm:{name}", what, tuple(labels), registry=self._registry).labels(**labels).set(1)

    def frontend_counter(self, name: str, what: str, reasons: Sequence[str]) -> list[Counter]:
        """A counter of the API server, which knows no engine, as the children for its reasons."""
        family = Counter(f"vllm:{name}", what, ("model_name", "reason"), registry=self._registry)
        return [family.labels(self._model, reason) for reason in reasons]

    def _gauge(self, name: str, what: str) -> Gauge:
        return Gauge(f"vllm:{name}", what, _LABELS, registry=self._registry).labels(
            self._model, "0"
        )

    def _counter(self, name: str, what: str) -> Counter:
        family = Counter(f"vllm:{name}", what, _LABELS, registry=self._registry)
        return family.labels(self._model, "0")

    def _histogram(self, name: str, what: str, buckets: tuple[float, ...]) -> Histogram:
        family = Histogram(f"vllm:{name}", what, _LABELS, buckets=buckets, registry=self._registry)
        return family.labels(self._model, "0")
