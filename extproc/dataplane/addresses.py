"""`host:port` and seconds, as Envoy writes them."""

import ipaddress

from extproc.config import UNIX, host_port
from extproc.dataplane.pattern import Tree
from extproc.errors import ConfigError


def endpoint_address(address: str) -> Tree:
    """Envoy's address for `unix:` and a path, or for a `host:port`."""
    if address.startswith(UNIX):
        return {"pipe": {"path": address.removeprefix(UNIX)}}
    return socket_address(address)


def socket_address(address: str) -> Tree:
    """Envoy's address for a `host:port`; an IPv6 host stands in brackets."""
    host, port = host_port(address)
    return {"socket_address": {"address": host, "port_value": port}}


def listening_address(address: str) -> Tree:
    """As `socket_address`, for a place to listen; ConfigError where the host is a name."""
    if not is_ip(address):
        raise ConfigError(f"{address}: Envoy listens on an IP address, not on a name")
    return socket_address(address)


def is_fixed(address: str) -> bool:
    """Whether an endpoint needs no name server."""
    return address.startswith(UNIX) or is_ip(address)


def is_ip(address: str) -> bool:
    """Whether the host of a `host:port` is an IP address."""
    try:
        ipaddress.ip_address(host_port(address)[0])
    except ValueError:
        return False
    return True


def duration(seconds: float) -> str:
    """Protobuf's JSON form of a duration, to the nanosecond: `0.5s`."""
    return f"{seconds:.9f}".rstrip("0").rstrip(".") + "s"
