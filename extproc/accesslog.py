"""Envoy's access log entries as `Completed` values."""

from collections.abc import Iterator
from typing import Final

from google.protobuf.duration_pb2 import Duration

from extproc._pb import accesslog_pb2 as pb
from extproc.decision import NO_TIER, Reason
from extproc.headers import METADATA_NAMESPACE, REASON, SERVED_BY
from extproc.telemetry import Completed

_REASONS: Final = frozenset(reason.value for reason in Reason)


def completed(message: pb.StreamAccessLogsMessage) -> Iterator[Completed]:
    """One value for each request that the message tells of."""
    for entry in message.http_logs.log_entry:
        yield _completed(entry)


def _completed(entry: pb.HTTPAccessLogEntry) -> Completed:
    """What Envoy does not say is empty. A reason that is not ours counts as `router_unavailable`:
    labels of unbounded values would outgrow the metrics.
    """
    common, response = entry.common_properties, entry.response
    fields = common.metadata.filter_metadata[METADATA_NAMESPACE].fields
    said = {key: value.string_value for key, value in fields.items()}
    reason = response.response_headers.get(REASON) or said.get("reason", "")
    return Completed(
        request_id=entry.request.request_id,
        path=entry.request.path.partition("?")[0],
        status=response.response_code.value,
        details=response.response_code_details,
        reason=reason if reason in _REASONS else Reason.ROUTER_UNAVAILABLE,
        tier=said.get("tier", NO_TIER),
        served_by=response.response_headers.get(SERVED_BY) or NO_TIER,
        score=said.get("score", ""),
        policy=said.get("policy", ""),
        attempts=common.upstream_request_attempt_count,
        first_byte=_seconds(common, "time_to_first_downstream_tx_byte"),
        duration=_seconds(common, "time_to_last_downstream_tx_byte"),
    )


def _seconds(common: pb.AccessLogCommon, field: str) -> float | None:
    if not common.HasField(field):
        return None
    value: Duration = getattr(common, field)
    return value.seconds + value.nanos / 1e9
