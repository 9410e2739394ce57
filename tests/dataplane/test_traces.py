"""A request is one trace, through Envoy and router to the tier."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import chat
from calls import JSON, send
from collector import Collector, collecting
from gateway import PATIENT, POLICY, Gateway, running
from processes import until

SPAN = "b7ad6b7169203331"


def marked(trace: str, flag: str = "01") -> list[tuple[str, str]]:
    """The headers of a client that has begun that trace, and wants it unless the flag is `00`."""
    return [("content-type", JSON), ("traceparent", f"00-{trace}-{SPAN}-{flag}")]


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
    trace = secrets.token_hex(16)
    send(gateway, chat("hello", max_tokens=3), headers=marked(trace))
    until(lambda: _is_whole(collector, trace), what="spans")
    spans = {span.span_id: span for _, span in _of(collector, trace)}
    services = {span.span_id: service for service, span in _of(collector, trace)}
    (decision,) = (span for span in spans.values() if span.name == "tiergate.decide")
    call = spans[decision.parent_span_id]

    assert ("chat auto", "tiergate-envoy") == (call.name, services[call.parent_span_id])
    assert bytes.fromhex(SPAN) in {span.parent_span_id for span in spans.values()}
    assert call.start_time_unix_nano <= decision.start_time_unix_nano
    assert decision.end_time_unix_nano <= call.end_time_unix_nano
    assert 0 < decision.end_time_unix_nano - decision.start_time_unix_nano


def _of(collector: Collector, trace: str) -> list[tuple[str, Any]]:
    """The spans of a trace, with who sent them."""
    wanted = bytes.fromhex(trace)
    return [(service, span) for service, span in collector.spans if span.trace_id == wanted]


def _is_whole(collector: Collector, trace: str) -> bool:
    """Whether both have sent theirs, and those above them up to the client's."""
    spans = [span for _, span in _of(collector, trace)]
    known = {bytes.fromhex(SPAN), *(span.span_id for span in spans)}
    both = {"tiergate", "tiergate-envoy"} == set(_services(collector, trace))
    return both and all(span.parent_span_id in known for span in spans)


def _services(collector: Collector, trace: str) -> list[str]:
    return [service for service, _ in _of(collector, trace)]


def test_the_call_says_what_conventions_have_names_for(
    traced: tuple[Gateway, Collector],
) -> None:
    """Model, tokens and times; the tier by a name of our own; no prompt."""
    gateway, collector = traced
    trace = secrets.token_hex(16)
    send(gateway, chat("a secret word", max_tokens=3), headers=marked(trace))
    until(lambda: "tiergate" in _services(collector, trace), what="the span")
    (call,) = (span for _, span in _of(collector, trace) if span.name == "chat auto")
    said = {item.key: item.value for item in call.attributes}

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
    unwanted, wanted = secrets.token_hex(16), secrets.token_hex(16)
    send(gateway, chat("hello", max_tokens=3), headers=marked(unwanted, "00"))
    send(gateway, chat("hello", max_tokens=3), headers=marked(wanted))
    until(lambda: "tiergate" in _services(collector, wanted), what="the other one")

    assert [] == _of(collector, unwanted)


def test_the_log_has_the_traces_id(traced: tuple[Gateway, Collector]) -> None:
    """So that one is found by the other."""
    gateway, _ = traced
    trace = secrets.token_hex(16)
    send(gateway, chat("a secret word", max_tokens=3), headers=marked(trace))

    until(lambda: f'"trace_id":"{trace}"' in gateway.router.errors(), what="the line")
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
