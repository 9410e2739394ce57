"""One connection to Redis on which commands are pipelined: what was sent first is answered first.

RESP2 (https://redis.io/docs/latest/develop/reference/protocol-spec/); hiredis packs and parses. It
is on the path of a request, where redis-py's connections and pipelines cost over twice the CPU.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias, cast
from urllib.parse import urlsplit

import hiredis
from typing_extensions import override

Command: TypeAlias = tuple[bytes | str | int | float, ...]
Reply: TypeAlias = Any
"""A value, or a `hiredis.ReplyError` where Redis refused the command."""
_MORE: Final = object()
_PORT: Final = 6379


class Connection(asyncio.Protocol):
    """Gives each group of commands its replies. ConnectionError to all who wait once it is lost."""

    def __init__(self) -> None:
        self._reader = hiredis.Reader(notEnoughData=_MORE)
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[tuple[asyncio.Future[list[Reply]], list[Reply], int]] = deque()

    async def ask(self, commands: Sequence[Command]) -> list[Reply]:
        """The replies, in order; to no command there is none, and nothing to wait for."""
        if not commands:
            return []
        if self._transport is None:
            raise ConnectionError("the connection is lost")
        replies: asyncio.Future[list[Reply]] = asyncio.get_running_loop().create_future()
        self._waiting.append((replies, [], len(commands)))
        self._transport.write(b"".join([_packed(command) for command in commands]))
        return await replies

    def close(self) -> None:
        """At once."""
        if self._transport is not None:
            self._transport.abort()

    @property
    def is_open(self) -> bool:
        """Whether anything can be asked."""
        return self._transport is not None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It can be asked."""
        self._transport = cast("asyncio.Transport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        """Hand out what `data` completes; whoever has gone gets nothing."""
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not _MORE:
                self._take(reply)
        except (hiredis.ProtocolError, IndexError):  # it speaks another protocol, or out of turn
            self.close()

    def _take(self, reply: Reply) -> None:
        future, replies, wanted = self._waiting[0]
        replies.append(reply)
        if len(replies) == wanted:
            self._waiting.popleft()
            if not future.done():
                future.set_result(replies)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits any more."""
        self._transport = None
        waiting, self._waiting = self._waiting, deque()
        for future, _, _ in waiting:
            if not future.done():
                future.set_exception(ConnectionError("the connection is lost"))


async def connect(url: str, username: str | None, password: str | None) -> Connection:
    """A connection that is logged in and uses the URL's database. OSError where there is none, and
    `hiredis.ReplyError` where Redis wants another password or has no such database.
    """
    parts, loop = urlsplit(url), asyncio.get_running_loop()
    if parts.scheme == "unix":
        _, connection = await loop.create_unix_connection(Connection, parts.path)
    else:
        tls = ssl.create_default_context() if parts.scheme == "rediss" else None
        host, port = parts.hostname or "", parts.port or _PORT
        _, connection = await loop.create_connection(Connection, host, port, ssl=tls)
    database = parts.path.strip("/") if parts.scheme != "unix" else ""
    try:
        await _greet(connection, username, password, database)
    except BaseException:
        connection.close()
        raise
    return connection


async def _greet(
    connection: Connection, username: str | None, password: str | None, database: str
) -> None:
    commands: list[Command] = []
    if password:
        commands.append(("AUTH", username, password) if username else ("AUTH", password))
    if database not in {"", "0"}:
        commands.append(("SELECT", database))
    if commands:
        _raise_first(await connection.ask(commands))


def _packed(command: Command) -> bytes:
    return cast("bytes", hiredis.pack_command(cast("Any", command)))


def _raise_first(replies: Iterable[Reply]) -> None:
    for reply in replies:
        if isinstance(reply, hiredis.ReplyError):
            raise reply
