"""Envoy's own log lines."""

from builders import config, record
from msgspec.structs import fields

from extproc.dataplane.logging import KEYS
from extproc.dataplane.pattern import Tree, connection_manager
from extproc.dataplane.rendering import render


def logs(**telemetry: object) -> list[Tree]:
    """The access logs of a config with that section."""
    made = config(telemetry=telemetry)
    bootstrap = render(made, gateway="127.0.0.1:0", router="127.0.0.1:1", envoy_admin="127.0.0.1:0")
    some: list[Tree] = connection_manager(bootstrap)["access_log"]
    return some


def test_envoy_writes_lines_only_where_it_is_told_to() -> None:
    """The router's are made of its access log anyway."""
    names = [[one["name"] for one in logs(envoy_log=on)] for on in (False, True)]

    assert ["envoy.access_loggers.http_grpc"] == names[0]
    assert ["envoy.access_loggers.http_grpc", "envoy.access_loggers.stdout"] == names[1]


def test_the_keys_are_those_of_the_routers_line() -> None:
    """But for times, whose unit is another one, and what a log line is."""
    ours = {field.name for field in fields(type(record()))}
    own = {"event", "timestamp", "first_byte_ms", "duration_ms"}

    assert own == set(KEYS) - ours
