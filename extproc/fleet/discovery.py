"""Where a tier's replicas are: the config's own list, with names looked up."""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from typing import Protocol

from extproc.config import host_port


class Lost(Exception):
    """Raised where nobody can say where the replicas are; those known so far stay."""


class Discovery(Protocol):
    """Finds the replicas of one tier."""

    async def find(self) -> Sequence[str]:
        """Their `host:port`, each with an IP address; Lost where that cannot be told."""


class Listed:
    """The endpoints of the config; a name stands for every address that it has."""

    def __init__(self, endpoints: Sequence[str]) -> None:
        self._endpoints = endpoints

    async def find(self) -> Sequence[str]:
        """Lost where a name server does not answer, or knows no such name."""
        found = [await _resolved(endpoint) for endpoint in self._endpoints]
        return list(dict.fromkeys(address for some in found for address in some))


async def _resolved(endpoint: str) -> Sequence[str]:
    host, port = host_port(endpoint)
    try:
        return [joined(str(ipaddress.ip_address(host)), port)]
    except ValueError:
        pass
    loop = asyncio.get_running_loop()
    try:
        known = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:  # socket.gaierror among them
        raise Lost(f"{host}: {error.strerror}") from error
    return [joined(str(where[0]), port) for *_, where in known]


def joined(host: str, port: int) -> str:
    """A `host:port`; an IPv6 host gets its brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
