"""Spans of requests that have ended."""

from builders import record
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from extproc.otel.spans import Spans
from extproc.telemetry import BROKEN_OFF, Completed, Tokens

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def spans(one: Completed) -> tuple[ReadableSpan, ...]:
    """What comes of a record, the decision first."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    Spans(provider).record(one)
    return exporter.get_finished_spans()


def test_the_times_are_envoys() -> None:
    """In nanoseconds since 1970."""
    made = record(started=100.0, duration=2.0, decision_seconds=0.25, model="auto", trace=TRACE)
    decision, call = spans(made)

    assert (100_000_000_000, 102_000_000_000) == (call.start_time, call.end_time)
    assert (100_000_000_000, 100_250_000_000) == (decision.start_time, decision.end_time)
    assert ("tiergate.decide", "chat auto") == (decision.name, call.name)
    assert SpanKind.CLIENT == call.kind
    assert decision.parent is not None
    assert call.parent is not None
    assert (call.context.span_id, 0xB7AD6B7169203331) == (
        decision.parent.span_id,
        call.parent.span_id,
    )


def test_a_request_without_a_trace_begins_one() -> None:
    """And without a decision it has one span."""
    (call,) = spans(record(duration=None))

    assert (None, "chat") == (call.parent, call.name)
    assert call.start_time == call.end_time


def test_a_call_says_what_is_known() -> None:
    """Tokens, tenant, score; what is not known is left out."""
    tokens = Tokens(prompt=5, completion=3, cached=2, reasoning=1)
    (full,) = spans(record(tokens=tokens, tenant="acme", score="0.250", first_byte=0.5))
    (bare,) = spans(record(policy="", first_byte=None))
    assert full.attributes is not None
    assert bare.attributes is not None
    more = {
        "gen_ai.usage.input_tokens": 5,
        "gen_ai.usage.output_tokens": 3,
        "gen_ai.usage.cache_read.input_tokens": 2,
        "gen_ai.usage.reasoning.output_tokens": 1,
        "gen_ai.response.time_to_first_chunk": 0.5,
        "tiergate.tenant": "acme",
        "tiergate.score": 0.25,
        "tiergate.policy": "fixed",
    }

    assert more == {key: full.attributes[key] for key in more}
    assert set() == set(more) & set(bare.attributes)


def test_an_error_is_marked() -> None:
    """With its status, as a client that went, or as an answer that broke off."""
    (failed,), (gone,), (well,) = (spans(record(status=status)) for status in (503, 0, 200))
    (broken,) = spans(record(details=BROKEN_OFF))
    kinds = [(one.attributes or {}).get("error.type") for one in (failed, gone, broken, well)]

    assert ["503", "disconnected", "broken_off", None] == kinds
    assert [*[StatusCode.ERROR] * 3, StatusCode.UNSET] == [
        one.status.status_code for one in (failed, gone, broken, well)
    ]


def test_what_no_model_answers_has_no_span() -> None:
    """As the list of models."""
    assert () == spans(record(path="/v1/models"))
