"""Sends both to a collector, in batches and from threads of the SDK's own."""

from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from typing_extensions import override

from extproc import __version__
from extproc.config.telemetry import Otlp
from extproc.otel.measures import Measures
from extproc.otel.spans import Spans
from extproc.telemetry import Completed, Unmoved


class Exporter(Unmoved):
    """Tells a collector of every request that ends. One that is away loses what it would have got;
    the SDK says so in its log, and no request is the slower for it.
    """

    def __init__(self, config: Otlp) -> None:
        resource = Resource.create({"service.name": config.service, "service.version": __version__})
        sampler = ParentBased(TraceIdRatioBased(config.sample))
        self._tracing = TracerProvider(sampler, resource, shutdown_on_exit=False)
        self._tracing.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(endpoint=config.endpoint, insecure=True))
        )
        self._spans = Spans(self._tracing)
        self._metering: MeterProvider | None = None
        self._measures: Measures | None = None
        if config.metrics:
            exporter = OTLPMetricExporter(endpoint=config.endpoint, insecure=True)
            reader = PeriodicExportingMetricReader(exporter)
            self._metering = MeterProvider([reader], resource, shutdown_on_exit=False)
            self._measures = Measures(self._metering.get_meter("tiergate"), config.conventions)

    @override
    def completed(self, record: Completed) -> None:
        """Spans and measures of it."""
        self._spans.record(record)
        if self._measures is not None:
            self._measures.record(record)

    def close(self) -> None:
        """Send what is left; it may take some seconds where the collector is away."""
        self._tracing.shutdown()
        if self._metering is not None:
            self._metering.shutdown()
