"""The conventions' histograms, of requests that have ended."""

from collections.abc import Mapping, Sequence

from opentelemetry.metrics import Histogram, Meter
from opentelemetry.util.types import AttributeValue

from extproc.otel import conventions as names
from extproc.otel.spans import error_type
from extproc.telemetry import Completed


class Measures:
    """Records with `meter`, under the names of one table of the conventions."""

    def __init__(self, meter: Meter, table: str) -> None:
        self._usage = names.USAGE[table]
        self._duration = _seconds(meter, names.SERVER_DURATION, names.DURATION_BUCKETS)
        self._first = _seconds(meter, names.SERVER_FIRST_TOKEN, names.FIRST_TOKEN_BUCKETS)
        self._per_token = _seconds(meter, names.SERVER_PER_TOKEN, names.PER_TOKEN_BUCKETS)
        self._tokens: Mapping[str, Histogram] = {
            metric: meter.create_histogram(
                metric, "{token}", explicit_bucket_boundaries_advisory=names.TOKEN_BUCKETS
            )
            for metric, _ in self._usage.values()
        }

    def record(self, record: Completed) -> None:
        """One request; none of a path that no model answers."""
        operation = names.OPERATIONS.get(record.path)
        if operation is None:
            return
        common: dict[str, AttributeValue] = {
            names.OPERATION: operation,
            names.PROVIDER: names.VLLM,
            names.REQUEST_MODEL: record.model,
            names.TIER: record.served_by,
        }
        if (wrong := error_type(record)) is not None:
            common[names.ERROR_TYPE] = wrong
        if record.duration is not None:
            self._duration.record(record.duration, common)
        if record.first_byte is not None:
            self._first.record(record.first_byte, common)
        if record.seconds_per_token is not None:
            self._per_token.record(record.seconds_per_token, common)
        if record.tokens is not None:
            for kind, (metric, more) in self._usage.items():
                self._tokens[metric].record(getattr(record.tokens, kind), {**common, **more})


def _seconds(meter: Meter, name: str, buckets: Sequence[float]) -> Histogram:
    return meter.create_histogram(name, "s", explicit_bucket_boundaries_advisory=buckets)
