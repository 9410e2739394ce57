"""The native server on a free port or a Unix socket, and raw clients of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

import wire
from builders import RecordingObserver, routed
from serving import MAX_BODY

from extproc.config import with_port
from extproc.native.link import Waits
from extproc.native.server import NativeServer
from extproc.routing import Routing
from extproc.telemetry import Observer


@dataclass(slots=True, kw_only=True)
class Raw:
    """A client that writes what it is told, and reads frames."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    received: bytes = field(default=b"", repr=False)

    def send(self, *written: bytes) -> Self:
        """All of it at once."""
        self.writer.write(b"".join(written))
        return self

    async def ends(self) -> list[tuple[str, int, int]]:
        """Every way in which streams or the connection ended, once it has answered a last ping or
        hung up.
        """
        self.send(wire.frame(wire.PING, 0, 0, b"the end?"))
        return list(wire.ends(await self.frames(b"the end?")))

    async def frames(self, until: bytes = b"") -> list[wire.Frame]:
        """What comes until a frame's payload ends with `until`, or until the server hangs up."""
        while not until or not self.received.endswith(until):
            try:
                piece = await self.reader.read(1 << 16)
            except ConnectionResetError:
                break
            if not piece:
                break
            self.received += piece
        taken, self.received = self.received, b""
        return wire.frames(taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server, what it told its observer, and where it is."""

    server: NativeServer
    observer: RecordingObserver
    address: str

    @asynccontextmanager
    async def raw(self, hello: bytes = wire.HELLO) -> AsyncIterator[Raw]:
        """A connection on which `hello` was said."""
        host, _, port = self.address.rpartition(":")
        if host == "unix":
            reader, writer = await asyncio.open_unix_connection(port)
        else:
            reader, writer = await asyncio.open_connection(host, int(port))
        try:
            yield Raw(reader=reader, writer=writer).send(hello)
        finally:
            writer.transport.abort()


@asynccontextmanager
async def serving(
    routing: Callable[[], Routing] | None = None,
    *,
    address: str = "127.0.0.1:0",
    waits: Waits | None = None,
    connections: int = 64,
    beat: float = 0.02,
    observer: Observer | None = None,
) -> AsyncIterator[Served]:
    """A server that decides by `routing`, stopped at the end."""
    made = routed(server={"max_body_bytes": MAX_BODY, "deadline_seconds": 0.4})
    recording = RecordingObserver()
    server = NativeServer(
        routing or (lambda: made),
        observer or recording,
        max_body_bytes=MAX_BODY,
        waits=waits,
        connections=connections,
        beat=beat,
    )
    port = await server.start(address)
    try:
        yield Served(server=server, observer=recording, address=with_port(address, port))
    finally:
        await server.stop()
