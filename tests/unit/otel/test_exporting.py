"""What a collector gets; `tests/dataplane/test_traces.py` has whole requests."""

import pytest
from builders import record
from collector import collecting

from extproc.config.telemetry import Otlp
from extproc.otel.exporting import Exporter


@pytest.mark.parametrize("metrics", [True, False])
def test_all_is_sent_by_the_end(metrics: bool) -> None:
    """Spans always, metrics where they are wanted."""
    with collecting() as collector:
        exporter = Exporter(Otlp(endpoint=collector.address, metrics=metrics))
        exporter.completed(record())
        exporter.close()

    assert ["chat"] == [span.name for span in collector.of("tiergate")]
    assert metrics == bool(collector.metrics)


def test_a_share_of_nothing_sends_nothing() -> None:
    """Of traces that begin here."""
    with collecting() as collector:
        exporter = Exporter(Otlp(endpoint=collector.address, metrics=False, sample=0.0))
        exporter.completed(record())
        exporter.close()

    assert [] == collector.spans
