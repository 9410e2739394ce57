"""One socket and its `Connection`: what is read, what is written, and how long that may take."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from typing_extensions import override

from extproc._pb.ext_proc_pb2 import ProcessingRequest
from extproc.mutation import patience
from extproc.native.connection import Connection
from extproc.native.errors import CallFault, ErrorCode, Status
from extproc.native.limits import Limits
from extproc.native.streams import Closed, Event
from extproc.processor import Reply, StreamProcessor
from extproc.stages import Effect, Patient
from extproc.telemetry import Observer

_parse: Final = ProcessingRequest.FromString
_BUG: Final = CallFault(Status.UNKNOWN, "the message could not be handled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long a client may take, in beats of a second.

    `greeting` is until it has agreed to our settings; `reading` until it has read something of what
    waits for it; `silence` until it is asked for a sign of life, and as long again until it is let
    go; `parting` until it has hung up after an error.
    """

    greeting: int = 10
    reading: int = 30
    silence: int = 60
    parting: int = 2


class Link(asyncio.Protocol):
    """Carries one connection. While the client does not read, nothing more is read from it.

    `begin` gives what answers a stream; `on_end` is called once, when the socket is closed.
    """

    def __init__(
        self,
        limits: Limits,
        waits: Waits,
        observer: Observer,
        *,
        begin: Callable[[], StreamProcessor],
        on_end: Callable[["Link"], None],
    ) -> None:
        self._connection = Connection(limits)
        self._waits = waits
        self._observer = observer
        self._begin = begin
        self._on_end = on_end
        self._processors: dict[int, StreamProcessor] = {}
        self._waiting: dict[int, asyncio.Task[None]] = {}
        self._transport = asyncio.Transport()
        self._age = self._silent = self._stuck = self._unread = self._parting = 0
        self._heard = self._silenced = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport = cast("asyncio.Transport", transport)
        self._flush()

    @override
    def data_received(self, data: bytes) -> None:
        """Answer all that `data` completes, in one write."""
        self._heard = True
        for event in self._connection.receive(data):
            self._answer(event)
        self._flush()

    @override
    def pause_writing(self) -> None:
        """The client does not read: read no more from it either."""
        self._transport.pause_reading()

    @override
    def resume_writing(self) -> None:
        """The client reads again."""
        self._transport.resume_reading()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed, by whomever."""
        del exc
        for number in tuple(self._processors):
            self._forget(number)
        self._on_end(self)

    def drain(self) -> None:
        """Let the open streams end, and then the connection."""
        self._connection.drain()
        self._flush()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def beat(self) -> None:
        """A second has passed: let a client go that does not greet, read or live."""
        if self._silenced:
            self._parting += 1
            if self._parting > self._waits.parting:
                self._transport.abort()
            return
        self._silent = 0 if self._heard else self._silent + 1
        self._heard = False
        self._age += 1
        if not self._connection.acknowledged and self._age > self._waits.greeting:
            self._connection.end(ErrorCode.SETTINGS_TIMEOUT, "the settings were not agreed to")
        elif self._silent == self._waits.silence:
            self._connection.probe()
        self._flush()
        if self._silent > 2 * self._waits.silence or self._is_stuck():
            self._transport.abort()

    def _is_stuck(self) -> bool:
        unread = self._connection.unsent + self._transport.get_write_buffer_size()
        moved = not unread or unread < self._unread
        self._stuck = 0 if moved else self._stuck + 1
        self._unread = unread
        return self._stuck > self._waits.reading

    def _answer(self, event: Event) -> None:
        number = event.stream
        if isinstance(event, Closed):
            self._forget(number)
            return
        try:
            processor = self._processors.get(number)
            if processor is None:
                processor = self._processors[number] = self._begin()
            reply = processor.handle(_parse(event.message))
        except Exception as error:  # noqa: BLE001 - one message must not cost the other streams
            self._fail(number, error)
        else:
            self._reply(number, processor, reply)

    def _reply(self, number: int, processor: StreamProcessor, reply: Reply) -> None:
        if callable(reply):
            if number in self._waiting:
                self._fail(number, RuntimeError("a message came before the last was answered"))
                return
            if isinstance(reply, Patient):
                self._connection.reply(number, patience(reply.seconds), end=False)
            self._waiting[number] = asyncio.ensure_future(self._await(number, processor, reply))
            return
        if reply is not None:
            self._connection.reply(number, reply, end=processor.done)
        if processor.done:
            self._forget(number)

    async def _await(self, number: int, processor: StreamProcessor, effect: Effect) -> None:
        """Go on with a stream once what it wants has come."""
        try:
            reply = processor.resume(await effect())
        except Exception as error:  # noqa: BLE001 - an effect that raises is a bug, as above
            del self._waiting[number]
            self._fail(number, error)
        else:
            del self._waiting[number]
            self._reply(number, processor, reply)
        self._flush()

    def _fail(self, number: int, error: Exception) -> None:
        self._observer.failed(error)
        self._connection.fail(number, _BUG)
        self._forget(number)

    def _forget(self, number: int) -> None:
        """A stream has ended; what it still waits for is not needed."""
        processor = self._processors.pop(number, None)
        waiting = self._waiting.pop(number, None)
        if waiting is not None:
            waiting.cancel()
        if processor is not None:
            processor.close()

    def _flush(self) -> None:
        if self._transport.is_closing():
            return
        written = self._connection.take()
        if written:
            self._transport.write(written)
        if self._connection.closed:
            self._say_no_more()
        elif self._connection.finished:
            self._transport.close()

    def _say_no_more(self) -> None:
        """A socket that is closed with bytes unread resets the connection, and the client would
        lose the GOAWAY that says why: so what still comes is read, and dropped.
        """
        if not self._silenced:
            self._silenced = True
            self._transport.write_eof()
