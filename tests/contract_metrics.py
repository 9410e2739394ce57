"""The /metrics of two servers: names, types, labels and buckets, not values."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

Family: TypeAlias = tuple[str, frozenset[str], tuple[str, ...]]
"""Type, names of labels, and the values of those labels that are words of the protocol."""
_OWN: Final = "vllm:"
_WORDS: Final = frozenset(
    {"engine", "finished_reason", "le", "mode", "outcome", "reason", "sleep_state", "source"}
)
"""Labels whose values a dashboard selects by; `le` is a bucket's bound."""


def families(exposition: str) -> Mapping[str, Family]:
    """Every family of vLLM's own in an exposition, by its name."""
    return {
        metric.name: (metric.type, _labels(metric), _values(metric))
        for metric in text_string_to_metric_families(exposition)
        if metric.name.startswith(_OWN)
    }


def _labels(metric: Metric) -> frozenset[str]:
    return frozenset(name for sample in metric.samples for name in sample.labels)


def _values(metric: Metric) -> tuple[str, ...]:
    """In the order of the exposition, each once."""
    found = (
        f"{name}={value}"
        for sample in metric.samples
        for name, value in sorted(sample.labels.items())
        if name in _WORDS
    )
    return tuple(dict.fromkeys(found))
