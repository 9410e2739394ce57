"""A request is one trace, through Envoy and router to the tier."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import chat
from calls import JSON, send
from collector import Collector, collecting
from gateway import PATIENT, POLICY, Gateway, running
from processes import until

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
MARKED = ("traceparent", f"00-{TRACE}-{SPAN}-01")
UNMARKED = ("traceparent", f"00-{TRACE[::-1]}-{SPAN}-00")


@pytest.fixture(scope="module", name="traced")
def _traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Collector]]:
    folder = tmp_path_factory.mktemp("traced")
    with collecting() as collector:
        otlp = {"endpoint": collector.address}
        with running(folder, policy=POLICY, telemetry={"otlp": otlp}, **PATIENT) as gateway:
            yield gateway, collector


def test_a_clients_trace_goes_on(traced: tuple[Gateway, Collector]) -> None:
    """Envoy's span below the client's, the model's call below Envoy's, the decision below that."""
    gateway, collector = traced
    send(gateway, chat("hello", max_tokens=3), headers=[("content-type", JSON), MARKED])
    mine = [bytes.fromhex(TRACE)]
    until(
        lambda: len([s for _, s in collector.spans if s.trace_id in mine]) > 2,
        what="the spans",
    )
    spans = {span.span_id: (service, span) for service, span in collector.spans}
    (decision,) = [s for s in collector.named("tiergate.decide") if s.trace_id in mine]
    _, call = spans[decision.parent_span_id]
    service, envoy = spans[call.parent_span_id]

    assert ("chat auto", "tiergate-envoy") == (call.name, service)
    assert bytes.fromhex(SPAN) == _root(envoy, spans)
    assert call.start_time_unix_nano <= decision.start_time_unix_nano
    assert decision.end_time_unix_nano <= call.end_time_unix_nano
    assert 0 < decision.end_time_unix_nano - decision.start_time_unix_nano


def _root(span: object, spans: dict[bytes, tuple[str, object]]) -> bytes:
    """The parent of the first of the spans above this one."""
    parent: bytes = span.parent_span_id  # type: ignore[attr-defined]
    while parent in spans:
        parent = spans[parent][1].parent_span_id  # type: ignore[attr-defined]
    return parent


def test_the_call_says_what_conventions_have_names_for(
    traced: tuple[Gateway, Collector],
) -> None:
    """Model, tokens and times; the tier by a name of our own; no prompt."""
    gateway, collector = traced
    send(gateway, chat("a secret word", max_tokens=3), headers=[("content-type", JSON), MARKED])
    until(lambda: bool(collector.named("chat auto")), what="the span")
    said = {item.key: item.value for item in collector.named("chat auto")[-1].attributes}

    assert ("chat", "vllm", "auto") == tuple(
        said[f"gen_ai.{name}"].string_value
        for name in ("operation.name", "provider.name", "request.model")
    )
    assert 3 == said["gen_ai.usage.output_tokens"].int_value
    assert "fast" == said["tiergate.served_by"].string_value
    assert not any("secret" in value.string_value for value in said.values())


def test_a_trace_that_is_not_wanted_is_not_sent(traced: tuple[Gateway, Collector]) -> None:
    """The client has marked it so."""
    gateway, collector = traced
    send(gateway, chat("hello"), headers=[("content-type", JSON), UNMARKED])
    before = len(collector.named("chat auto"))
    send(gateway, chat("hello"), headers=[("content-type", JSON), MARKED])
    until(lambda: len(collector.named("chat auto")) > before, what="the other one")

    unwanted = bytes.fromhex(TRACE[::-1])
    assert [] == [span for _, span in collector.spans if span.trace_id == unwanted]


def test_the_log_has_the_traces_id(traced: tuple[Gateway, Collector]) -> None:
    """So that one is found by the other."""
    gateway, _ = traced
    send(gateway, chat("hello"), headers=[("content-type", JSON), MARKED])

    until(lambda: f'"trace_id":"{TRACE}"' in gateway.router.errors(), what="the line")
    assert "a secret word" not in gateway.router.errors()


def test_what_is_left_is_sent_at_the_end(tmp_path: Path) -> None:
    """Metrics too, which are sent once a minute otherwise."""
    with collecting() as collector:
        otlp = {"endpoint": collector.address}
        with running(tmp_path, policy=POLICY, telemetry={"otlp": otlp}, **PATIENT) as gateway:
            send(gateway, chat("hello", max_tokens=3))
            until(
                lambda: gateway.metric("tiergate_requests_total", reason="score_below") > 0,
                what="the record",
            )

    assert {
        "gen_ai.server.request.duration",
        "gen_ai.server.time_to_first_token",
        "gen_ai.client.token.usage",
    } <= set(collector.metrics)


def test_a_collector_that_is_away_costs_no_request(tmp_path: Path) -> None:
    """Requests are answered as ever."""
    otlp = {"endpoint": "127.0.0.1:1"}
    with running(tmp_path, policy=POLICY, telemetry={"otlp": otlp}, **PATIENT) as gateway:
        statuses = [send(gateway, chat("hello", max_tokens=3)).status for _ in range(5)]

    assert [200] * 5 == statuses
