"""Dashboards of requests, decisions and tiers."""

from typing import Final

from expressions import HOURLY, highest, quantile, quantiles, rate, ratio, total
from panels import Board, Kind, Panel, Query, of

REQUESTS: Final = "tiergate_requests_total"
BROKEN: Final = "tiergate_broken_answers_total"
MONEY: Final = "tiergate_cost_microdollars_total"
FIRST_BYTE: Final = "tiergate_first_byte_seconds"
_ENVOY: Final = "envoy_http_ext_proc_tiergate"
_SERVED: Final = rate(MONEY, more='on="served"')
_DEAREST: Final = rate(MONEY, more='on="dearest"')
_MOVED: Final = rate(REQUESTS, "tier, served_by", 'tier!="none", served_by!="none"')

OVERVIEW: Final = Board(
    uid="tiergate-overview",
    title="Tiergate: overview",
    text="Whether requests are answered, by which tier, how soon, and for how much.",
    panels=(
        Panel(title="Requests", unit="reqps", kind=Kind.NUMBER, queries=of(rate(REQUESTS))),
        Panel(
            title="Failed",
            unit="percentunit",
            kind=Kind.NUMBER,
            text="5xx, no answer at all, or one that its tier did not bring to an end.",
            queries=of(
                ratio(REQUESTS, 'status=~"5..|0"')
                + f" + ({rate(BROKEN)} or vector(0)) / {rate(REQUESTS)}"
            ),
        ),
        Panel(
            title="Without a decision",
            unit="percentunit",
            kind=Kind.NUMBER,
            text="The router did not answer in time, and the default tier took these.",
            queries=of(ratio(REQUESTS, 'reason="router_unavailable"')),
        ),
        Panel(
            title="First byte, 95 in 100",
            unit="s",
            kind=Kind.NUMBER,
            queries=of(quantile(0.95, FIRST_BYTE)),
        ),
        Panel(
            title="Cost an hour",
            unit="currencyUSD",
            kind=Kind.NUMBER,
            queries=of(_SERVED + HOURLY),
        ),
        Panel(
            title="Saved an hour",
            unit="currencyUSD",
            kind=Kind.NUMBER,
            text="Against the dearest tier with the same tokens.",
            queries=of(f"({_DEAREST} - {_SERVED}){HOURLY}"),
        ),
        Panel(
            title="Answered by",
            unit="reqps",
            kind=Kind.STACKED,
            width=12,
            queries=of(rate(REQUESTS, "served_by"), "{{served_by}}"),
        ),
        Panel(
            title="Status",
            unit="reqps",
            kind=Kind.STACKED,
            width=12,
            queries=of(rate(REQUESTS, "status"), "{{status}}"),
        ),
        Panel(title="First byte", unit="s", width=12, queries=quantiles(FIRST_BYTE, "tier")),
        Panel(
            title="Requests that failed",
            kind=Kind.LOGS,
            width=12,
            queries=of(
                '{namespace=~"$namespace", app="tiergate-router"} | json'
                ' | event="request" | level="warning"'
            ),
        ),
    ),
)

ROUTING: Final = Board(
    uid="tiergate-routing",
    title="Tiergate: routing",
    text="What is decided and why, how long it takes, and what other policies would have done.",
    panels=(
        Panel(
            title="Reasons",
            unit="reqps",
            kind=Kind.STACKED,
            width=12,
            queries=of(rate("tiergate_decisions_total", "reason"), "{{reason}}"),
        ),
        Panel(
            title="Decided for",
            unit="reqps",
            kind=Kind.STACKED,
            width=12,
            queries=of(rate("tiergate_decisions_total", "tier"), "{{tier}}"),
        ),
        Panel(
            title="Time of a decision",
            unit="s",
            queries=quantiles("tiergate_decision_duration_seconds"),
        ),
        Panel(
            title="Parts of a decision, 95 in 100",
            unit="s",
            queries=of(quantile(0.95, "tiergate_decision_stage_seconds", "stage"), "{{stage}}"),
        ),
        Panel(
            title="Coverage",
            unit="percentunit",
            text="The share of the text that was read, of the lowest twentieth of requests.",
            queries=of(quantile(0.05, "tiergate_decision_coverage"), "p5"),
        ),
        Panel(
            title="Who answered for whom",
            unit="reqps",
            text="Where the two differ, the tier that was decided on could not answer.",
            queries=of(_MOVED, "{{tier}} by {{served_by}}"),
        ),
        Panel(
            title="Shadow policies",
            unit="reqps",
            text="What each would have decided in place of the tier that was.",
            queries=of(
                rate("tiergate_shadow_decisions_total", "policy, tier, shadow"),
                "{{policy}}: {{shadow}} for {{tier}}",
            ),
        ),
        Panel(
            title="Drift",
            text="The population stability index of the last day: much has changed above 0.25.",
            queries=of(highest("tiergate:drift_psi:1d", "of"), "{{of}}"),
        ),
        Panel(
            title="Envoy's streams to the router",
            unit="ops",
            queries=(
                Query(expr=rate(f"{_ENVOY}_streams_started"), legend="started"),
                Query(expr=rate(f"{_ENVOY}_streams_failed"), legend="failed"),
                Query(expr=rate(f"{_ENVOY}_message_timeouts"), legend="timed out"),
                Query(expr=rate(f"{_ENVOY}_failure_mode_allowed"), legend="let through"),
            ),
        ),
        Panel(
            title="Bugs, and configs that were refused",
            queries=(
                Query(expr=rate("tiergate_internal_errors_total"), legend="bugs a second"),
                Query(
                    expr=rate("tiergate_config_reloads_total", more='result="failure"')
                    + " or vector(0)",
                    legend="refused a second",
                ),
            ),
        ),
    ),
)

TIERS: Final = Board(
    uid="tiergate-tiers",
    title="Tiergate: tiers and vLLM",
    text="How loaded the model servers are, and how fast they are.",
    panels=(
        Panel(
            title="Saturation",
            unit="percentunit",
            text="The router's view: 1 is full.",
            queries=of(highest("tiergate_fleet_saturation", "tier"), "{{tier}}"),
        ),
        Panel(
            title="Ready replicas",
            queries=of(highest("tiergate_fleet_ready_replicas", "tier"), "{{tier}}"),
        ),
        Panel(
            title="Threshold raised by",
            text="Budget mode: how far the threshold is from the policy's own.",
            queries=of(highest("tiergate_fleet_threshold_offset", "namespace")),
        ),
        Panel(
            title="Running and waiting",
            width=12,
            queries=(
                Query(
                    expr=total("vllm:num_requests_running", "model_name"),
                    legend="{{model_name}} running",
                ),
                Query(
                    expr=total("vllm:num_requests_waiting", "model_name"),
                    legend="{{model_name}} waiting",
                ),
            ),
        ),
        Panel(
            title="KV cache in use",
            unit="percentunit",
            width=12,
            queries=of(highest("vllm:kv_cache_usage_perc", "model_name"), "{{model_name}}"),
        ),
        Panel(
            title="Time to the first token",
            unit="s",
            queries=quantiles("vllm:time_to_first_token_seconds", "model_name"),
        ),
        Panel(
            title="Time between tokens",
            unit="s",
            queries=quantiles("vllm:inter_token_latency_seconds", "model_name"),
        ),
        Panel(
            title="Time in the queue",
            unit="s",
            queries=quantiles("vllm:request_queue_time_seconds", "model_name"),
        ),
        Panel(
            title="Tokens",
            unit="ops",
            queries=(
                Query(
                    expr=rate("vllm:prompt_tokens_total", "model_name"),
                    legend="{{model_name}} read",
                ),
                Query(
                    expr=rate("vllm:generation_tokens_total", "model_name"),
                    legend="{{model_name}} written",
                ),
            ),
        ),
        Panel(
            title="Preemptions",
            unit="ops",
            queries=of(rate("vllm:num_preemptions_total", "model_name"), "{{model_name}}"),
        ),
        Panel(
            title="Ended by",
            unit="ops",
            queries=of(
                rate("vllm:request_success_total", "model_name, finished_reason"),
                "{{model_name}}: {{finished_reason}}",
            ),
        ),
    ),
)
