"""What a vLLM replica says of itself at `/metrics`: the few numbers that matter here.

vLLM's page has a thousand lines, nearly all of them buckets. The lines of other metrics are left
out before the text is parsed, since a parser in Python takes 10 microseconds for each.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families


class Unreadable(Exception):
    """Raised where a page is not what a vLLM server says."""


class Reading(Struct, frozen=True, kw_only=True):
    """One scrape. Gauges first: `kv` is in [0, 1]; then counters, which fall only with a restart.

    `computed` are tokens of prompts that were not cached, of `prefilled` requests, and
    `prefill_seconds` what they took; `started` are requests that have their first token,
    after `start_seconds` in all. Several engines of one server are added up, their KV usage is the
    highest.
    """

    running: float
    waiting: float
    kv: float
    rejected: float = 0.0
    started: float = 0.0
    start_seconds: float = 0.0
    prompt: float = 0.0
    generated: float = 0.0
    computed: float = 0.0
    prefilled: float = 0.0
    prefill_seconds: float = 0.0


_NAMES: Final[Mapping[str, tuple[str, Callable[[Iterable[float]], float]]]] = {
    "vllm:num_requests_running": ("running", sum),
    "vllm:num_requests_waiting": ("waiting", sum),
    "vllm:kv_cache_usage_perc": ("kv", max),
    "vllm:admission_rejections_total": ("rejected", sum),
    "vllm:time_to_first_token_seconds_count": ("started", sum),
    "vllm:time_to_first_token_seconds_sum": ("start_seconds", sum),
    "vllm:prompt_tokens_total": ("prompt", sum),
    "vllm:generation_tokens_total": ("generated", sum),
    "vllm:request_prefill_kv_computed_tokens_sum": ("computed", sum),
    "vllm:request_prefill_time_seconds_count": ("prefilled", sum),
    "vllm:request_prefill_time_seconds_sum": ("prefill_seconds", sum),
}
_WANTED: Final = re.compile(f"^(?:{'|'.join(_NAMES)})[{{ ].*$", re.MULTILINE)
_NEEDED: Final = ("running", "waiting", "kv")


def read(page: bytes) -> Reading:
    """The numbers of a page; Unreadable where it is malformed or lacks a gauge."""
    try:
        lines = _WANTED.findall(page.decode())
        families = text_string_to_metric_families("\n".join([*lines, ""]))
        samples = [sample for family in families for sample in family.samples]
    except ValueError as error:  # UnicodeDecodeError among them
        raise Unreadable("not Prometheus's text format") from error
    found: dict[str, list[float]] = {}
    for sample in samples:
        if not (math.isfinite(sample.value) and sample.value >= 0):
            raise Unreadable(f"{sample.name} is {sample.value}")
        found.setdefault(sample.name, []).append(sample.value)
    values = {field: merge(found[name]) for name, (field, merge) in _NAMES.items() if name in found}
    for field in _NEEDED:
        if field not in values:
            raise Unreadable(f"no {field}")
    return Reading(**values)
