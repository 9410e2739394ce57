"""The section `telemetry`."""

import msgspec
import pytest
from builders import config


def test_every_line_is_written_and_nothing_is_traced_unless_it_is_said() -> None:
    """The section may be left out."""
    assert (1.0, None) == (config().telemetry.log_sample, config().telemetry.otlp)


@pytest.mark.parametrize(
    "section",
    [
        {"log_sample": 1.1},
        {"otlp": {}},
        {"otlp": {"endpoint": "http://collector:4317"}},
        {"otlp": {"endpoint": "collector:4317", "sample": -1}},
        {"otlp": {"endpoint": "collector:4317", "conventions": "old"}},
    ],
)
def test_what_cannot_be_meant_is_refused(section: dict[str, object]) -> None:
    """The collector is a host and a port, as Envoy takes it too."""
    with pytest.raises(msgspec.ValidationError):
        config(telemetry=section)
