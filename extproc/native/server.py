"""The native transport: listens on TCP or a Unix socket, and makes a `Link` of each connection."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

from typing_extensions import override

from extproc.config import UNIX, host_port
from extproc.native.limits import Limits
from extproc.native.link import Link, Waits
from extproc.processor import MESSAGE_OVERHEAD, StreamProcessor
from extproc.routing import Routing
from extproc.telemetry import Observer


class _Refused(asyncio.Protocol):
    """One connection too many."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Close it."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream socket's
        transport.abort()


class NativeServer:
    """Serves `ExternalProcessor/Process` on one address, on no more than `connections` at a time.

    `routing` gives what is in force when a stream's first message comes; `waits` counts in beats of
    `beat` seconds.
    """

    def __init__(
        self,
        routing: Callable[[], Routing],
        observer: Observer,
        *,
        max_body_bytes: int,
        waits: Waits | None = None,
        connections: int = 1024,
        beat: float = 1.0,
    ) -> None:
        self._routing = routing
        self._observer = observer
        self._limits = Limits(message=max_body_bytes + MESSAGE_OVERHEAD)
        self._waits = waits or Waits()
        self._connections = connections
        self._seconds = beat
        self._links: set[Link] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._server: asyncio.Server | None = None
        self._beating: asyncio.Task[None]
        self._path: Path | None = None

    async def start(self, address: str) -> int:
        """Listen on `host:port` or `unix:/path`; the port, which a path has none of, or OSError
        where the address cannot be had.
        """
        try:
            self._server, port = await self._listen(address)
        except OSError as error:
            raise OSError(f"cannot listen on {address}: {error.strerror}") from error
        self._beating = asyncio.get_running_loop().create_task(self._beat())
        return port

    async def _listen(self, address: str) -> tuple[asyncio.Server, int]:
        loop = asyncio.get_running_loop()
        if address.startswith(UNIX):
            self._path = Path(address.removeprefix(UNIX))
            return await loop.create_unix_server(self._protocol, self._path), 0
        host, wanted = host_port(address)
        server = await loop.create_server(self._protocol, host, wanted)
        return server, int(server.sockets[0].getsockname()[1])

    async def drain(self, seconds: float) -> None:
        """Serve on for `seconds`, then let the open streams end, for as long again."""
        await asyncio.sleep(seconds)
        await self.stop(seconds or None)

    async def stop(self, grace: float | None = None) -> None:
        """Take no new connections or streams; end the open ones after `grace` seconds, or at
        once.
        """
        if self._server is None:
            return
        self._server.close()
        for link in tuple(self._links):
            link.drain()
        if grace is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), grace)
        for link in tuple(self._links):
            link.abort()
        await self._idle.wait()
        self._beating.cancel()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _protocol(self) -> asyncio.Protocol:
        if len(self._links) >= self._connections:
            return _Refused()
        link = Link(
            self._limits,
            self._waits,
            self._observer,
            begin=lambda: StreamProcessor(self._routing(), self._observer),
            on_end=self._ended,
        )
        self._links.add(link)
        self._idle.clear()
        return link

    def _ended(self, link: Link) -> None:
        self._links.discard(link)
        if not self._links:
            self._idle.set()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            for link in tuple(self._links):
                link.beat()
