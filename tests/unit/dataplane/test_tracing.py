"""What is rendered where there is a collector."""

from typing import Any

import pytest
from builders import config

from extproc.dataplane.pattern import connection_manager, named
from extproc.dataplane.rendering import render


def rendered(**telemetry: object) -> dict[str, Any]:
    """The bootstrap of a config with that section."""
    return render(
        config(telemetry=telemetry),
        gateway="127.0.0.1:0",
        router="127.0.0.1:1",
        envoy_admin="127.0.0.1:0",
    )


def test_without_a_collector_nothing_is_traced() -> None:
    """A client's context goes on as it came."""
    bootstrap = rendered()

    assert "tracing" not in connection_manager(bootstrap)
    assert "tiergate_otlp" not in str(bootstrap)


@pytest.mark.parametrize(
    ("endpoint", "kind"), [("127.0.0.1:4317", "STATIC"), ("otel.local:4317", "STRICT_DNS")]
)
def test_envoys_spans_go_to_the_collector(endpoint: str, kind: str) -> None:
    """Under a name that tells them from the router's."""
    bootstrap = rendered(otlp={"endpoint": endpoint, "sample": 0.25})
    manager = connection_manager(bootstrap)
    cluster = named(bootstrap["static_resources"]["clusters"], "tiergate_otlp")
    provider = manager["tracing"]["provider"]["typed_config"]

    assert ("tiergate-envoy", 25.0) == (
        provider["service_name"],
        manager["tracing"]["random_sampling"]["value"],
    )
    assert (kind, False) == (cluster["type"], "health_checks" in cluster)
    log = manager["access_log"][0]["typed_config"]["common_config"]
    assert ["tiergate.ext_proc"] == log["filter_state_objects_to_log"]
