"""A collector of OpenTelemetry's for tests: takes spans and metrics by gRPC, and keeps them."""

from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from typing_extensions import override


@dataclass(slots=True)
class Collector:
    """What came, in order; spans are (service, span)."""

    address: str = ""
    spans: list[tuple[str, Any]] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)

    def named(self, name: str) -> list[Any]:
        """The spans whose name begins so."""
        return [span for _, span in self.spans if span.name.startswith(name)]

    def of(self, service: str) -> list[Any]:
        """The spans that a service sent."""
        return [span for sent, span in self.spans if sent == service]


class _Traces(trace_service_pb2_grpc.TraceServiceServicer):
    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    @override
    def Export(self, request: Any, _: grpc.ServicerContext) -> Any:
        for one in request.resource_spans:
            named = {item.key: item.value.string_value for item in one.resource.attributes}
            for scope in one.scope_spans:
                self._collector.spans += [(named["service.name"], span) for span in scope.spans]
        return trace_service_pb2.ExportTraceServiceResponse()


class _Metrics(metrics_service_pb2_grpc.MetricsServiceServicer):
    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    @override
    def Export(self, request: Any, _: grpc.ServicerContext) -> Any:
        for one in request.resource_metrics:
            for scope in one.scope_metrics:
                self._collector.metrics |= {metric.name: metric for metric in scope.metrics}
        return metrics_service_pb2.ExportMetricsServiceResponse()


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a free port."""
    collector = Collector()
    server = grpc.server(futures.ThreadPoolExecutor(4))
    add_traces: Any = trace_service_pb2_grpc.add_TraceServiceServicer_to_server
    add_traces(_Traces(collector), server)
    add_metrics: Any = metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server
    add_metrics(_Metrics(collector), server)
    collector.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield collector
    finally:
        server.stop(None).wait()
