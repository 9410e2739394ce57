"""Envoy's access log entries as `Completed` values."""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Final

from google.protobuf.duration_pb2 import Duration
from google.protobuf.struct_pb2 import Struct

from extproc._pb import accesslog_pb2 as pb
from extproc.decision import NO_TIER, Reason
from extproc.headers import (
    EXT_PROC_FILTER,
    METADATA_NAMESPACE,
    REASON,
    SERVED_BY,
    USAGE_NAMESPACE,
)
from extproc.request import Api
from extproc.telemetry import Completed, Tokens

_REASONS: Final = frozenset(reason.value for reason in Reason)
_LATENCIES: Final = ("request_header_latency_us", "request_body_total_latency_us")
_EVENTS: Final = "text/event-stream"
_MOST_TOKENS: Final = 10**9
"""A tier that says more is not believed: a number without a bound would not fit a ledger."""


def completed(message: pb.StreamAccessLogsMessage) -> Iterator[Completed]:
    """One value for each request that the message tells of."""
    for entry in message.http_logs.log_entry:
        yield _completed(entry)


def _completed(entry: pb.HTTPAccessLogEntry) -> Completed:
    """What Envoy does not say is empty. A reason that is not ours counts as `router_unavailable`:
    labels of unbounded values would outgrow the metrics.
    """
    common, request, response = entry.common_properties, entry.request, entry.response
    known, headers = common.metadata.filter_metadata, response.response_headers
    said = _text(known[METADATA_NAMESPACE])
    path = request.path.partition("?")[0]
    reason = headers.get(REASON) or said.get("reason", "")
    return Completed(
        request_id=request.request_id or _named(entry),
        path=path,
        status=response.response_code.value,
        details=response.response_code_details,
        reason=reason if reason in _REASONS else Reason.ROUTER_UNAVAILABLE,
        tier=said.get("tier", NO_TIER),
        served_by=headers.get(SERVED_BY) or NO_TIER,
        score=said.get("score", ""),
        policy=said.get("policy", ""),
        attempts=common.upstream_request_attempt_count,
        first_byte=_seconds(common, "time_to_first_downstream_tx_byte"),
        duration=_seconds(common, "time_to_last_downstream_tx_byte"),
        started=common.start_time.seconds + common.start_time.nanos / 1e9,
        upstream=common.upstream_cluster,
        streamed=headers.get("content-type", "").startswith(_EVENTS),
        received=request.request_body_bytes,
        sent=response.response_body_bytes,
        tenant=said.get("tenant", ""),
        model=said.get("model", ""),
        tokens=_tokens(known[USAGE_NAMESPACE], path),
        facts=said,
        trace=request.request_headers.get("traceparent", ""),
        decision_seconds=_waited(common),
    )


def _named(entry: pb.HTTPAccessLogEntry) -> str:
    """The same for the same entry, sent once or twice: Envoy gave it no id."""
    return blake2b(entry.SerializeToString(deterministic=True), digest_size=16).hexdigest()


def _text(metadata: Struct) -> Mapping[str, str]:
    return {key: value.string_value for key, value in metadata.fields.items()}


def _tokens(metadata: Struct, path: str) -> Tokens | None:
    """None unless prompt and completion are both there: a stream that broke off may have said the
    first alone. Embeddings have no completion. /v1/messages counts what a cache holds besides.
    """
    count: dict[str, int] = {}
    for key, value in metadata.fields.items():
        number = value.number_value
        if not 0 <= number <= _MOST_TOKENS:
            return None
        count[key] = int(number)
    whole = "completion_tokens" in count or path == Api.EMBEDDINGS
    if "prompt_tokens" not in count or not whole:
        return None
    read = count.get("cache_read_tokens", 0)
    return Tokens(
        prompt=count["prompt_tokens"] + read + count.get("cache_created_tokens", 0),
        completion=count.get("completion_tokens", 0),
        cached=count.get("cached_tokens", read),
        reasoning=count.get("reasoning_tokens", 0),
    )


def _waited(common: pb.AccessLogCommon) -> float | None:
    """What ext_proc's filter says of its messages of the request's headers and body."""
    if EXT_PROC_FILTER not in common.filter_state_objects:
        return None
    said = Struct()
    common.filter_state_objects[EXT_PROC_FILTER].Unpack(said)
    return sum(said.fields[name].number_value for name in _LATENCIES) / 1e6


def _seconds(common: pb.AccessLogCommon, field: str) -> float | None:
    if not common.HasField(field):
        return None
    value: Duration = getattr(common, field)
    return value.seconds + value.nanos / 1e9
