"""Histograms of requests that have ended."""

from builders import record
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from extproc.otel.measures import Measures
from extproc.telemetry import Completed, Tokens

Series = list[tuple[object, float]]
TOKENS = Tokens(prompt=5, completion=3, cached=2, reasoning=1)


def measured(
    *records: Completed, table: str = "published"
) -> dict[str, list[tuple[object, float]]]:
    """By metric: the kind of token or error of each series, and its sum."""
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    measures = Measures(provider.get_meter("test"), table)
    for one in records:
        measures.record(one)
    data = reader.get_metrics_data()
    found: dict[str, Series] = {}
    for metric in data.resource_metrics[0].scope_metrics[0].metrics if data else ():
        for point in metric.data.data_points:
            said = dict(point.attributes or {})
            kind = said.get("gen_ai.token.type", said.get("error.type"))
            found.setdefault(metric.name, []).append((kind, getattr(point, "sum")))  # noqa: B009
    provider.shutdown()
    return found


def test_published_names() -> None:
    """Times in seconds, tokens by their kind."""
    one = record(streamed=True, first_byte=0.5, duration=1.5, tokens=TOKENS)

    assert {
        "gen_ai.server.request.duration": [(None, 1.5)],
        "gen_ai.server.time_to_first_token": [(None, 0.5)],
        "gen_ai.server.time_per_output_token": [(None, 0.5)],
        "gen_ai.client.token.usage": [("input", 5), ("output", 3)],
    } == measured(one)


def test_the_names_that_come() -> None:
    """A metric for each kind of token."""
    found = measured(record(tokens=TOKENS), table="next")

    assert {
        "gen_ai.client.inference.usage.input_tokens": [(None, 5)],
        "gen_ai.client.inference.usage.output_tokens": [(None, 3)],
        "gen_ai.client.inference.usage.cache_read.input_tokens": [(None, 2)],
        "gen_ai.client.inference.usage.reasoning.output_tokens": [(None, 1)],
    } == {name: found[name] for name in found if "usage" in name}


def test_what_is_not_known_is_not_measured() -> None:
    """An error is a series of its own; what no model answers is none."""
    gone = record(status=0, first_byte=None, duration=None)
    failed = record(status=503, first_byte=None, duration=0.25)

    assert {"gen_ai.server.request.duration": [("503", 0.25)]} == measured(
        gone, failed, record(path="/v1/models")
    )
