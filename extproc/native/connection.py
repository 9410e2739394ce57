"""One HTTP/2 connection, seen from the server: bytes in, events and bytes out, no socket.

    for event in connection.receive(data):
        ...  connection.reply(event.stream, answer, end=True)
    write(connection.take())

Events come while the bytes are read, so an answer given between two of them stands between them:
what is written does not depend on how the bytes were split.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from extproc.native import frames
from extproc.native.assembly import Assembly
from extproc.native.errors import CallFault, ConnectionFault, ErrorCode, StreamFault
from extproc.native.flow import Intake
from extproc.native.frames import ACK, END_HEADERS, END_STREAM, Frame, Kind
from extproc.native.limits import Limits
from extproc.native.outbox import Outbox
from extproc.native.patience import Patience
from extproc.native.settings import greeting, initial_window
from extproc.native.streams import Event, Streams

_PING: Final = 8
_GOAWAY: Final = 8
_FAREWELL: Final = b"farewell"
_PROBE: Final = b"probing."
_WORD: Final = 4
_KINDS: Final = len(Kind)


class Connection:
    """The state of one connection; `clock` gives seconds that only grow.

    `closed` says that it broke and ends once `take` is written, `acknowledged` that the client has
    agreed to our settings.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = Outbox()
        self._out.put(greeting(limits))
        self._patience = Patience(limits.burst, limits.per_second, clock)
        self._streams = Streams(limits, self._out, self._patience)
        self._reader = frames.FrameReader()
        self._assembly = Assembly(limits.block)
        self._intake = Intake(0, limits.window)
        self._preface = frames.PREFACE
        self._due: Kind | None = Kind.SETTINGS
        self._leaving = False
        self._left = False
        self.acknowledged = False
        self.closed = False
        self._handlers: tuple[Callable[[Frame], Iterable[Event]], ...] = (
            self._on_data,
            self._on_headers,
            self._on_priority,
            self._on_rst_stream,
            self._on_settings,
            self._on_push_promise,
            self._on_ping,
            self._on_goaway,
            self._on_window_update,
            self._on_continuation,
        )

    @property
    def streams(self) -> int:
        """How many calls are being served."""
        return len(self._streams)

    @property
    def finished(self) -> bool:
        """Whether nothing is left to be done but to write what `take` gives, and close."""
        return self.closed or (self._left and not self._streams)

    @property
    def unsent(self) -> int:
        """Bytes of answers that wait for the client's credit."""
        return self._out.unsent

    def receive(self, data: bytes) -> Iterator[Event]:
        """The events in `data`, to be iterated to the end; never raises."""
        handlers = self._handlers
        try:
            if self._preface:
                data = self._after_preface(data)
            for frame in self._reader.feed(data):
                if self.closed:
                    return
                kind = frame.kind
                if self._due is not None:
                    self._check_due(kind)
                try:
                    if kind < _KINDS:
                        yield from handlers[kind](frame)
                    else:
                        self._patience.spend()  # section 5.5: ignored
                except StreamFault as fault:
                    yield from self._streams.abort(fault)
        except ConnectionFault as fault:
            self._fail(fault)

    def reply(self, stream: int, message: bytes, *, end: bool) -> None:
        """Answer on a stream and, with `end`, say that the call was served; nothing where the
        stream is over.
        """
        if self.closed:
            return
        try:
            self._streams.reply(stream, message, end=end)
        except ConnectionFault as fault:
            self._fail(fault)

    def fail(self, stream: int, fault: CallFault) -> None:
        """End one call with another status than OK; nothing where it, or all, is over."""
        if not self.closed:
            self._streams.fail(stream, fault)

    def take(self) -> bytes:
        """All that is to be written now."""
        return self._out.take()

    def drain(self) -> None:
        """Ask the client to leave; what it began before it reads so is still served (6.8)."""
        if not self._leaving and not self.closed:
            self._leaving = True
            self._out.put(frames.goaway(frames.STREAM_MASK, ErrorCode.NO_ERROR))
            self._out.put(frames.encode(Kind.PING, 0, 0, _FAREWELL))

    def probe(self) -> None:
        """Ask the client for a sign of life (6.7)."""
        self._out.put(frames.encode(Kind.PING, 0, 0, _PROBE))

    def end(self, code: ErrorCode, message: str) -> None:
        """Close for a reason that is not in the bytes (5.4.1)."""
        self._fail(ConnectionFault(code, message))

    def _after_preface(self, data: bytes) -> bytes:
        """Section 3.4: a client's first bytes are always the same."""
        size = min(len(data), len(self._preface))
        if data[:size] != self._preface[:size]:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "not HTTP/2")
        self._preface = self._preface[size:]
        return data[size:]

    def _check_due(self, kind: int) -> None:
        """Sections 3.4 and 6.10: SETTINGS come first, and nothing stands within a header block."""
        if self._due is not None and kind != self._due:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, f"{self._due.name} was due")

    def _fail(self, fault: ConnectionFault) -> None:
        if not self.closed:
            self.closed = True
            served = min(self._streams.last, self._streams.accepted)
            self._out.put(frames.goaway(served, fault.code, str(fault)))

    def _on_data(self, frame: Frame) -> Iterable[Event]:
        """Section 6.1. All DATA counts for the connection's window, whatever becomes of it."""
        if not frame.stream:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "DATA without a stream")
        increment = self._intake.take(len(frame.payload))
        if increment:
            self._out.put(frames.window_update(0, increment))
        return self._streams.data(frame)

    def _on_headers(self, frame: Frame) -> Iterable[Event]:
        """Section 6.2."""
        if not frame.stream:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "HEADERS without a stream")
        if frame.flags & END_HEADERS:
            last = bool(frame.flags & END_STREAM)
            return self._streams.headers(frame.stream, frames.content(frame), last=last)
        self._assembly.begin(frame)
        self._due = Kind.CONTINUATION
        return ()

    def _on_continuation(self, frame: Frame) -> Iterable[Event]:
        """Section 6.10."""
        block = self._assembly.resume(frame)
        if block is None:
            return ()
        self._due = None
        return self._streams.headers(block.stream, block.data, last=block.last)

    def _on_priority(self, frame: Frame) -> Iterable[Event]:
        """Section 6.3: ignored, as 5.3.2 allows."""
        self._patience.spend()
        if not frame.stream:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "PRIORITY without a stream")
        frames.check_priority(frame)
        return ()

    def _on_rst_stream(self, frame: Frame) -> Iterable[Event]:
        frames.check_length(frame, _WORD)
        if not frame.stream:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "RST_STREAM without a stream")
        return self._streams.reset(frame.stream)

    def _on_settings(self, frame: Frame) -> Iterable[Event]:
        """Section 6.5, and 6.5.3 for the acknowledgement."""
        _check_connection(frame)
        self._patience.spend()
        if frame.flags & ACK:
            frames.check_length(frame, 0)
            self.acknowledged = True
            self._streams.agreed()
            return ()
        self._due = None
        self._streams.resize(initial_window(frame.payload, self._out.window))
        self._out.put(frames.encode(Kind.SETTINGS, ACK, 0))
        return ()

    def _on_push_promise(self, _: Frame) -> Iterable[Event]:
        """Section 8.4: a client cannot push."""
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "PUSH_PROMISE from a client")

    def _on_ping(self, frame: Frame) -> Iterable[Event]:
        """Section 6.7. The answer to our farewell says that the client has read it (6.8)."""
        _check_connection(frame)
        frames.check_length(frame, _PING)
        self._patience.spend()
        if not frame.flags & ACK:
            self._out.put(frames.encode(Kind.PING, ACK, 0, frame.payload))
        elif self._leaving and not self._left and frame.payload == _FAREWELL:
            self._left = True
            self._streams.accepted = self._streams.last
            self._out.put(frames.goaway(self._streams.last, ErrorCode.NO_ERROR))
        return ()

    def _on_goaway(self, frame: Frame) -> Iterable[Event]:
        """Section 6.8: the client takes no more streams of ours, and we begin none."""
        _check_connection(frame)
        self._patience.spend()
        if len(frame.payload) < _GOAWAY:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "a GOAWAY is too short")
        return ()

    def _on_window_update(self, frame: Frame) -> Iterable[Event]:
        """Section 6.9."""
        frames.check_length(frame, _WORD)
        increment = frames.word(frame.payload)
        if frame.stream:
            self._streams.grant(frame.stream, increment)
        elif not increment:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "credit of nothing")
        else:
            self._out.grant(None, increment)
            self._streams.resume()
        return ()


def _check_connection(frame: Frame) -> None:
    """ConnectionFault where a frame of the connection names a stream (6.5, 6.7, 6.8)."""
    if frame.stream:
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a frame of the connection on a stream")
