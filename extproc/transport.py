"""What carries decisions: either transport, by the name that the config has for it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from extproc.config import Config, with_port
from extproc.routing import Routing
from extproc.telemetry import Observer, Snapshot


class Transport(Protocol):
    """Carries decisions on one address."""

    async def start(self, address: str) -> int:
        """Listen; the port, or OSError where the address cannot be had."""

    async def drain(self, seconds: float) -> None:
        """Serve on for `seconds`, then let the open streams end."""

    async def stop(self, grace: float | None = None) -> None:
        """End the open streams after `grace` seconds, or at once."""


def transport(config: Config, routing: Callable[[], Routing], observer: Observer) -> Transport:
    """The transport of the config. The gRPC library costs 20 MB: only who needs it loads it."""
    limit = config.server.max_body_bytes
    if config.server.transport == "native":
        from extproc.native.server import NativeServer  # noqa: PLC0415 - see above

        return NativeServer(routing, observer, max_body_bytes=limit)
    from extproc.server import Server  # noqa: PLC0415 - see above

    return Server(routing, observer, max_body_bytes=limit)


class Single:
    """One transport in this process, on one address."""

    def __init__(self, carried: Transport, address: str) -> None:
        self._carried = carried
        self._address = address

    async def start(self) -> tuple[str, ...]:
        """Listen; the address with the port that was had."""
        return (with_port(self._address, await self._carried.start(self._address)),)

    async def drain(self, seconds: float) -> None:
        """As the transport does."""
        await self._carried.drain(seconds)

    async def stop(self) -> None:
        """At once."""
        await self._carried.stop()

    async def counted(self) -> Sequence[Snapshot]:
        """Nothing that this process has not counted itself."""
        return ()

    def reload(self) -> None:
        """Nothing that this process does not read itself."""
