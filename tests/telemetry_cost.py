"""What telemetry costs a request: CPU with and without, in turns within one run.

    python tests/telemetry_cost.py [--rounds 7] [--requests 3000]

A request is two ext_proc messages and its access log entry, through everything but sockets. Each
row adds one kind of telemetry to the one above it; all rows take turns, round after round. The log
goes to nowhere, and spans to an exporter that drops them, so what is measured is the making.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from builders import body, chat, headers, routed
from google.protobuf.duration_pb2 import Duration
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from typing_extensions import override

from extproc._pb import accesslog_pb2 as log_pb, ext_proc_pb2 as pb
from extproc.accesslog import completed
from extproc.console.recent import Recent
from extproc.otel.measures import Measures
from extproc.otel.spans import Spans
from extproc.processor import StreamProcessor
from extproc.telemetry import (
    Completed,
    LogObserver,
    MetricsObserver,
    Observer,
    Observers,
    Unmoved,
    configure,
)

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
FIRST = headers().SerializeToString()
SECOND = body(chat("What is the capital of France?")).SerializeToString()


class Traced(Unmoved):
    """Spans and measures that nobody takes."""

    def __init__(self) -> None:
        self._spans = Spans(TracerProvider(shutdown_on_exit=False))
        meters = MeterProvider([InMemoryMetricReader()], shutdown_on_exit=False)
        self._measures = Measures(meters.get_meter("cost"), "published")

    @override
    def completed(self, record: Completed) -> None:
        """Both."""
        self._spans.record(record)
        self._measures.record(record)


def entry() -> bytes:
    """What Envoy says at the end of a request."""
    told = log_pb.HTTPAccessLogEntry()
    common = told.common_properties
    common.time_to_first_downstream_tx_byte.CopyFrom(Duration(nanos=20_000_000))
    common.time_to_last_downstream_tx_byte.CopyFrom(Duration(nanos=90_000_000))
    common.upstream_request_attempt_count = 1
    known = common.metadata.filter_metadata
    known["tiergate"].update({"tier": "fast", "reason": "fixed", "model": "auto"})
    known["tiergate.usage"].update({"prompt_tokens": 12, "completion_tokens": 40})
    told.request.path = "/v1/chat/completions"
    told.request.request_id = "r-1"
    told.request.request_headers["traceparent"] = TRACE
    told.response.response_code.value = 200
    told.response.response_headers["x-tiergate-served-by"] = "fast"
    message = log_pb.StreamAccessLogsMessage()
    message.http_logs.log_entry.append(told)
    return message.SerializeToString()


def subjects() -> Mapping[str, Observers]:
    """Each with one kind more than the one before."""
    kinds: dict[str, Observer] = {
        "nothing": Observers(()),
        "metrics": MetricsObserver(),
        "page for operators": Recent(2000),
        "log": LogObserver(),
        "traces and OTLP metrics": Traced(),
    }
    made: dict[str, Observers] = {}
    so_far: list[Observer] = []
    for name, observer in kinds.items():
        so_far.append(observer)
        made[name] = Observers(so_far)
    return made


def seconds(observers: Observers, requests: int) -> float:
    """CPU of one request."""
    routing, told = routed(), entry()
    started = time.process_time()
    for _ in range(requests):
        processor = StreamProcessor(routing, observers)
        processor.handle(pb.ProcessingRequest.FromString(FIRST))
        processor.handle(pb.ProcessingRequest.FromString(SECOND))
        for record in completed(log_pb.StreamAccessLogsMessage.FromString(told)):
            observers.completed(record)
    return (time.process_time() - started) / requests


def main(rounds: int, requests: int, say: Callable[[str], None]) -> None:
    """Print a table."""
    made = subjects()
    taken: dict[str, list[float]] = {name: [] for name in made}
    for _ in range(rounds):
        for name, observers in made.items():
            taken[name].append(seconds(observers, requests))
    say("| with | CPU us a request | / nothing (lowest to highest) |")
    say("|---|---|---|")
    for name, times in taken.items():
        ratios = [time / bare for time, bare in zip(times, taken["nothing"], strict=True)]
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        say(f"| + {name} | {statistics.median(times) * 1e6:.1f} | {spread} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=3000)
    arguments = parser.parse_args()
    terminal = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - as long as this runs
    configure("info")
    main(arguments.rounds, arguments.requests, lambda line: print(line, file=terminal, flush=True))
