"""Two spans of a request: the model's call as the gateway saw it, and the decision before it."""

from http import HTTPStatus

from opentelemetry import context as contexts
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from extproc.otel import conventions as names
from extproc.telemetry import Completed

_SECOND = 1_000_000_000
_PROPAGATOR = TraceContextTextMapPropagator()


class Spans:
    """Makes them with `provider` once a request has ended, with the times that Envoy gave."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("tiergate")

    def record(self, record: Completed) -> None:
        """Those of one request; none of a path that no model answers."""
        operation = names.OPERATIONS.get(record.path)
        if operation is None:
            return
        parent = _PROPAGATOR.extract({"traceparent": record.trace}, contexts.Context())
        started = int(record.started * _SECOND)
        call = self._tracer.start_span(
            f"{operation} {record.model}".rstrip(),
            parent,
            SpanKind.CLIENT,
            start_time=started,
        )
        if not call.is_recording():
            return
        call.set_attributes(attributes(record, operation))
        if error_type(record) is not None:
            call.set_status(Status(StatusCode.ERROR))
        if record.decision_seconds is not None:
            decision = self._tracer.start_span(
                "tiergate.decide",
                set_span_in_context(call, parent),
                attributes=_decided(record),
                start_time=started,
            )
            decision.end(started + int(record.decision_seconds * _SECOND))
        call.end(started + int((record.duration or 0.0) * _SECOND))


def error_type(record: Completed) -> str | None:
    """What went wrong where the client got an error, half an answer, or nothing."""
    if record.is_broken:
        return "broken_off"
    if 0 < record.status < HTTPStatus.BAD_REQUEST:
        return None
    return str(record.status or "disconnected")


def attributes(record: Completed, operation: str) -> dict[str, AttributeValue]:
    """What the conventions have a name for, and what only a gateway knows."""
    said: dict[str, AttributeValue] = {
        names.OPERATION: operation,
        names.PROVIDER: names.VLLM,
        names.REQUEST_MODEL: record.model,
        names.STREAM: record.streamed,
        names.STATUS_CODE: record.status,
        names.SERVED_BY: record.served_by,
        **_decided(record),
    }
    if record.first_byte is not None:
        said[names.FIRST_CHUNK] = record.first_byte
    if record.tokens is not None:
        said[names.INPUT_TOKENS] = record.tokens.prompt
        said[names.OUTPUT_TOKENS] = record.tokens.completion
        said[names.CACHED_TOKENS] = record.tokens.cached
        said[names.REASONING_TOKENS] = record.tokens.reasoning
    if record.tenant:
        said[names.TENANT] = record.tenant
    if (wrong := error_type(record)) is not None:
        said[names.ERROR_TYPE] = wrong
    return said


def _decided(record: Completed) -> dict[str, AttributeValue]:
    said: dict[str, AttributeValue] = {names.TIER: record.tier, names.REASON: record.reason}
    if record.policy:
        said[names.POLICY] = record.policy
    if record.score:
        said[names.SCORE] = float(record.score)
    return said
