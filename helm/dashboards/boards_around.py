"""Dashboards of GPUs, tenants, caches and objectives."""

from typing import Final

from boards_serving import MONEY, REQUESTS
from expressions import HOURLY, highest, quantiles, rate, ratio
from panels import Board, Kind, Panel, Query, of

_REFUSED: Final = rate(REQUESTS, "reason", 'status=~"401|403|429"')
_WARM: Final = rate("vllm:prefix_cache_hits_total", "model_name")
_ASKED: Final = rate("vllm:prefix_cache_queries_total", "model_name")
_GPU: Final = "Hostname, gpu"
_GPU_NAME: Final = "{{Hostname}} {{gpu}}"
_KINDS: Final = "availability", "first_byte"

GPU: Final = Board(
    uid="tiergate-gpu",
    title="Tiergate: GPUs",
    text="What NVIDIA's DCGM exporter says of the nodes under the tiers.",
    panels=(
        Panel(
            title="Busy",
            unit="percent",
            queries=of(highest("DCGM_FI_DEV_GPU_UTIL", _GPU), _GPU_NAME),
        ),
        Panel(
            title="Memory in use",
            unit="percentunit",
            queries=of(highest("tiergate:gpu_memory:ratio", _GPU), _GPU_NAME),
        ),
        Panel(
            title="Temperature",
            unit="celsius",
            queries=of(highest("DCGM_FI_DEV_GPU_TEMP", _GPU), _GPU_NAME),
        ),
        Panel(
            title="Power",
            unit="watt",
            queries=of(highest("DCGM_FI_DEV_POWER_USAGE", _GPU), _GPU_NAME),
        ),
        Panel(
            title="Clock",
            unit="mhz",
            text="Below its usual speed under load, a GPU is throttled.",
            queries=of(highest("DCGM_FI_DEV_SM_CLOCK", _GPU), _GPU_NAME),
        ),
        Panel(
            title="Last XID error",
            text="The driver's number of the last error; 0 where there was none.",
            queries=of(highest("DCGM_FI_DEV_XID_ERRORS", _GPU), _GPU_NAME),
        ),
    ),
)

TENANTS: Final = Board(
    uid="tiergate-tenants",
    title="Tiergate: tenants and cost",
    text="Who uses how much, what that costs, and what routing saves.",
    panels=(
        Panel(
            title="Cost an hour",
            unit="currencyUSD",
            kind=Kind.STACKED,
            width=12,
            queries=of(rate(MONEY, "tenant", 'on="served"') + HOURLY, "{{tenant}}"),
        ),
        Panel(
            title="What the same tokens cost an hour",
            unit="currencyUSD",
            width=12,
            text="As answered, and had one tier answered everything.",
            queries=of(rate(MONEY, "on") + HOURLY, "{{on}}"),
        ),
        Panel(
            title="Tokens",
            unit="ops",
            kind=Kind.STACKED,
            queries=of(rate("tiergate_tokens_total", "tenant, kind"), "{{tenant}} {{kind}}"),
        ),
        Panel(
            title="Cost an hour of each tier",
            unit="currencyUSD",
            queries=of(rate(MONEY, "tier", 'on="served"') + HOURLY, "{{tier}}"),
        ),
        Panel(title="Refused", unit="reqps", queries=of(_REFUSED, "{{reason}}")),
        Panel(
            title="What is known of usage",
            unit="reqps",
            text="Unknown usage is estimated by itself, and is in no cost.",
            queries=of(rate("tiergate_usage_records_total", "usage"), "{{usage}}"),
        ),
        Panel(
            title="Ledger",
            unit="ops",
            queries=of(rate("tiergate_ledger_records_total", "result"), "{{result}}"),
        ),
        Panel(
            title="Waiting for the ledger",
            queries=of(highest("tiergate_ledger_pending", "namespace")),
        ),
    ),
)

WARMTH: Final = Board(
    uid="tiergate-caches",
    title="Tiergate: caches and affinity",
    text="Which answers were given again, and whether conversations stay where they are warm.",
    panels=(
        Panel(
            title="Answered from a cache",
            unit="percentunit",
            kind=Kind.NUMBER,
            queries=of(ratio("tiergate_cache_requests_total", 'result=~"hit|semantic"')),
        ),
        Panel(
            title="Answers kept",
            kind=Kind.NUMBER,
            queries=of(highest("tiergate_cache_entries", "namespace")),
        ),
        Panel(
            title="Redis answers",
            kind=Kind.NUMBER,
            text="1 where it does, as the router saw it last.",
            queries=of(highest("tiergate_redis_up", "role")),
        ),
        Panel(
            title="Cache",
            unit="reqps",
            kind=Kind.STACKED,
            width=12,
            queries=of(rate("tiergate_cache_requests_total", "result"), "{{result}}"),
        ),
        Panel(
            title="Affinity",
            unit="reqps",
            kind=Kind.STACKED,
            width=12,
            text="Conversations that stayed, moved, or were not allowed to.",
            queries=of(
                rate("tiergate_decisions_total", "reason", 'reason=~"affinity_.*"'), "{{reason}}"
            ),
        ),
        Panel(
            title="Prefix cache of vLLM",
            unit="percentunit",
            text="The share of the prompts' tokens that a replica had already read.",
            queries=of(f"{_WARM} / {_ASKED}", "{{model_name}}"),
        ),
        Panel(
            title="Round trip to Redis",
            unit="s",
            queries=quantiles("tiergate_redis_duration_seconds"),
        ),
        Panel(
            title="Redis failures",
            unit="ops",
            queries=of(rate("tiergate_redis_failures_total", "kind") + " or vector(0)", "{{kind}}"),
        ),
    ),
)

OBJECTIVES: Final = Board(
    uid="tiergate-slo",
    title="Tiergate: objectives",
    text="How much of the error budgets is used, and how fast.",
    panels=(
        *(
            Panel(
                title=f"Good, {kind.replace('_', ' ')}",
                unit="percentunit",
                kind=Kind.NUMBER,
                width=12,
                queries=of(f"1 - {highest(f'tiergate:{kind}_bad:ratio1h', 'namespace')}"),
            )
            for kind in _KINDS
        ),
        *(
            Panel(
                title=f"Burn rate, {kind.replace('_', ' ')}",
                width=12,
                text="1 uses the budget of 30 days in 30 days; 14.4 uses 2 % of it in an hour.",
                queries=tuple(
                    Query(
                        expr=highest(f"tiergate:{kind}_burn:{window}", "namespace"), legend=window
                    )
                    for window in ("5m", "30m", "1h", "6h")
                ),
            )
            for kind in _KINDS
        ),
    ),
)
