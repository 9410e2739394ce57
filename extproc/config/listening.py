"""Where the router's processes listen: one endpoint for each worker, and one for the services."""

from typing import Final

from extproc.config.document import Server
from extproc.errors import ConfigError

UNIX: Final = "unix:"
HIGHEST_PORT: Final = 65_535
STRIDE: Final = 10
"""Between the ports of two workers, so that the router's other ports find room there."""


def host_port(address: str) -> tuple[str, int]:
    """A `host:port` in its parts; an IPv6 host comes without its brackets."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def port_of(address: str) -> int:
    """The port of a `host:port`."""
    return host_port(address)[1]


def with_port(address: str, port: int) -> str:
    """The same host with another port; a path has none, and stays."""
    if address.startswith(UNIX):
        return address
    return f"{address.rpartition(':')[0]}:{port}"


def alone(server: Server) -> bool:
    """Whether one gRPC server does everything on `listen`, the services included."""
    return server.transport == "grpc" and server.workers == 1


def worker_addresses(server: Server) -> tuple[str, ...]:
    """Where each worker listens: `listen` itself and every tenth port above it, or paths
    beside it.

    Each worker has an endpoint of its own, because processes that share a port do not share the
    work: Envoy keeps one connection to it, and so one process.
    """
    if server.workers == 1:
        return (server.listen,)
    numbers = range(server.workers)
    if server.listen.startswith(UNIX):
        return tuple(f"{server.listen}.{number}" for number in numbers)
    port = port_of(server.listen)
    return tuple(with_port(server.listen, port and port + STRIDE * number) for number in numbers)


def services_address(server: Server) -> str:
    """Where health and the access log are served."""
    return server.listen if alone(server) else server.services


def check_listening(server: Server) -> None:
    """ConfigError where a port does not exist, or where two servers would have the same address."""
    taken: dict[str, str] = {}
    named = [("listen", address) for address in worker_addresses(server)]
    if not alone(server):
        named.append(("services", server.services))
    for name, address in (*named, ("admin", server.admin)):
        path = f"$.server.{name}"
        if not address.startswith(UNIX) and port_of(address) > HIGHEST_PORT:
            raise ConfigError(f"{address}: no such port", path=path)
        if address in taken and not address.endswith(":0"):
            raise ConfigError(f"{address} is also taken by server.{taken[address]}", path=path)
        taken[address] = name
