"""`host:port` and seconds in Envoy's words."""

import pytest

from extproc.dataplane.addresses import duration, is_ip, listening_address, socket_address
from extproc.errors import ConfigError


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        pytest.param("127.0.0.1:8080", "127.0.0.1", 8080, id="IPv4"),
        pytest.param("[::1]:8080", "::1", 8080, id="IPv6 loses its brackets"),
        pytest.param("vllm.fast:8000", "vllm.fast", 8000, id="name"),
        pytest.param("0.0.0.0:0", "0.0.0.0", 0, id="any port"),  # noqa: S104 - only read
    ],
)
def test_an_address_is_split_at_its_last_colon(address: str, host: str, port: int) -> None:
    """Envoy takes host and port apart."""
    expected = {"socket_address": {"address": host, "port_value": port}}

    assert expected == socket_address(address)


def test_envoy_listens_on_an_ip_address() -> None:
    """The same form as everywhere."""
    assert socket_address("[::]:80") == listening_address("[::]:80")


def test_envoy_does_not_listen_on_a_name() -> None:
    """Envoy itself would only speak of a malformed address."""
    with pytest.raises(ConfigError, match="localhost:80: Envoy listens on an IP address"):
        listening_address("localhost:80")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("10.0.0.1:80", True, id="IPv4"),
        pytest.param("[2001:db8::1]:80", True, id="IPv6"),
        pytest.param("localhost:80", False, id="name"),
        pytest.param("10.0.0.256:80", False, id="only looks like IPv4"),
    ],
)
def test_a_name_is_told_from_an_ip_address(address: str, *, expected: bool) -> None:
    """A name needs a name server, an IP address none."""
    assert expected == is_ip(address)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        pytest.param(0.5, "0.5s", id="fraction"),
        pytest.param(600.0, "600s", id="whole"),
        pytest.param(0.00001, "0.00001s", id="no exponent"),
    ],
)
def test_seconds_are_written_as_a_duration(seconds: float, expected: str) -> None:
    """Protobuf's JSON form knows no exponent."""
    assert expected == duration(seconds)
