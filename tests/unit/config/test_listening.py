"""Where the router's processes listen."""

from typing import Any

import pytest
from builders import config

from extproc.config import (
    Server,
    alone,
    host_port,
    services_address,
    with_port,
    worker_addresses,
)
from extproc.config.listening import check_listening
from extproc.errors import ConfigError


def server(**fields: Any) -> Server:  # noqa: ANN401 - the fields' own types differ
    """The section `server` with `fields`."""
    return config(server=fields).server


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ("127.0.0.1:9002",)),
        ({"workers": 3, "listen": "h:70"}, ("h:70", "h:80", "h:90")),
        ({"workers": 2, "listen": "h:0"}, ("h:0", "h:0")),
        ({"workers": 2, "listen": "unix:/run/r"}, ("unix:/run/r.0", "unix:/run/r.1")),
        ({"listen": "unix:/run/r"}, ("unix:/run/r",)),
    ],
)
def test_each_worker_has_an_address(fields: dict[str, Any], expected: tuple[str, ...]) -> None:
    """Port 0 asks for a free one each time."""
    assert expected == worker_addresses(server(**fields))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "127.0.0.1:9004"),
        ({"transport": "grpc"}, "127.0.0.1:9002"),
        ({"transport": "grpc", "workers": 2}, "127.0.0.1:9004"),
    ],
)
def test_services_have_an_address_of_their_own_unless_one_server_does_all(
    fields: dict[str, Any], expected: str
) -> None:
    """Health and access log need the gRPC library, which the native transport is without."""
    assert expected == services_address(server(**fields))
    assert (expected == "127.0.0.1:9002") == alone(server(**fields))


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"listen": "h:65536"}, "$.server.listen"),
        ({"listen": "h:65535", "workers": 2}, "$.server.listen"),
        ({"admin": "h:65536"}, "$.server.admin"),
        ({"services": "h:65536", "transport": "native"}, "$.server.services"),
        ({"workers": 2, "admin": "127.0.0.1:9012"}, "$.server.admin"),
        ({"services": "127.0.0.1:9002", "transport": "native"}, "$.server.services"),
        ({"admin": "127.0.0.1:9002"}, "$.server.admin"),
    ],
)
def test_addresses_that_cannot_be_had_are_refused(fields: dict[str, Any], path: str) -> None:
    """A port that does not exist, or one that another server of the same config takes."""
    with pytest.raises(ConfigError) as caught:
        check_listening(server(**fields))

    assert path == caught.value.path


def test_free_ports_do_not_collide() -> None:
    """Port 0 is never the same twice."""
    check_listening(server(listen="h:0", services="h:0", admin="h:0", workers=4))


def test_a_path_has_no_port() -> None:
    """So none is put in."""
    assert "unix:/run/r" == with_port("unix:/run/r", 80)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "name.example"])
def test_an_address_has_two_parts(host: str) -> None:
    """The brackets of an IPv6 host are the address's, not the host's."""
    address = f"[{host}]:80" if ":" in host else f"{host}:80"

    assert (host, 80) == host_port(address)
