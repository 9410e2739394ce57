"""All streams of a connection: RFC 9113, sections 5.1, 6.1, 6.2, 6.4 and 8.1.

A stream is known in full while its call is served. After that its number is remembered for a while,
with whether the peer may still be sending: such frames are ignored, any others are its fault.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

from extproc.native import frames, replies
from extproc.native.errors import CallFault, ConnectionFault, ErrorCode, Status, StreamFault
from extproc.native.fieldblocks import BlockReader
from extproc.native.frames import END_STREAM, PADDED, Frame
from extproc.native.limits import Limits
from extproc.native.outbox import Outbox
from extproc.native.patience import Patience
from extproc.native.stream import Stream


class Received(NamedTuple):
    """A whole message came on a stream."""

    stream: int
    message: bytes


class Closed(NamedTuple):
    """Nothing more comes on a stream, and nothing more can be said on it."""

    stream: int


Event: TypeAlias = Received | Closed
_MOVED: Final = 32
"""Streams whose windows are moved at the price of one frame that serves nobody."""


class Streams:
    """The calls of one connection. `last` is the highest number seen; numbers above `accepted` are
    not served (6.8).
    """

    def __init__(self, limits: Limits, out: Outbox, patience: Patience) -> None:
        self._limits = limits
        self._out = out
        self._patience = patience
        self._blocks = BlockReader(limits.block)
        self._open: dict[int, Stream] = {}
        # A dict finds its oldest key behind all that were deleted before it.
        self._over: OrderedDict[int, bool] = OrderedDict()
        self._held = 0
        self.last = 0
        self.accepted = frames.STREAM_MASK

    def __len__(self) -> int:
        """How many calls are being served."""
        return len(self._open)

    def agreed(self) -> None:
        """The client has acknowledged our settings."""
        self._blocks.agreed()

    def resize(self, window: int) -> None:
        """The client's initial window is another one (6.9.2), which touches every stream."""
        if window == self._out.window:
            return
        self._patience.spend(len(self._open) // _MOVED)
        self._out.resize(window, self._open.values())
        self.resume()

    def resume(self) -> None:
        """There may be credit for what waits."""
        for stream in self._out.resume():
            self._close(stream)

    def reply(self, number: int, message: bytes, *, end: bool) -> None:
        """One answer; ConnectionFault where too much waits for the peer's credit already."""
        stream = self._open.get(number)
        if stream is None or stream.answered:
            return
        self._out.message(stream, message)
        if end:
            self._finish(stream, replies.OK)
        if self._out.unsent > self._limits.unsent:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, "too many answers are not read")

    def fail(self, number: int, fault: CallFault) -> None:
        """End a call with a status of its own."""
        stream = self._open.get(number)
        if stream is not None and not stream.answered:
            self._finish(stream, replies.trailers(fault.status, fault.message))

    def data(self, frame: Frame) -> Iterable[Event]:
        """DATA (6.1): messages, and the end of what the client says."""
        number, last = frame.stream, bool(frame.flags & END_STREAM)
        stream = self._open.get(number)
        if stream is None:
            return self._stray(frame, last=last)
        if stream.peer_done:
            raise StreamFault(number, ErrorCode.STREAM_CLOSED)
        increment = stream.intake.take(len(frame.payload))
        if increment:
            self._out.put(frames.window_update(number, increment))
        piece = frames.content(frame) if frame.flags & PADDED else frame.payload
        if stream.expected is not None:
            stream.count(len(piece), last=last)
        if not piece and not last:
            self._patience.spend()
        stream.peer_done = last
        return self._messages(stream, piece)

    def headers(self, number: int, block: bytes, *, last: bool) -> Iterable[Event]:
        """A header block (6.2): a new call, or the trailers of one that is known."""
        stream = self._open.get(number)
        if stream is not None:
            return self._trailers(stream, block, last=last)
        if number > self.last and number % 2:
            self.last = number
            self._begin(number, block, last=last)
        else:
            self._ignore(block)
            self._late(number, last=last)
        return ()

    def reset(self, number: int) -> Iterable[Event]:
        """The client's RST_STREAM (6.4). Work that it throws away tries our patience."""
        stream = self._open.get(number)
        if stream is None:
            self.check_begun(number)
            self._over[number] = False
            self._trim()
            return ()
        self._patience.spend()
        stream.peer_done = True
        self._close(stream)
        return (Closed(number),)

    def grant(self, number: int, increment: int) -> None:
        """WINDOW_UPDATE of a stream (6.9); of one that is over, it says nothing."""
        stream = self._open.get(number)
        if stream is None:
            self.check_begun(number)
            return
        if not increment:
            raise StreamFault(number, ErrorCode.PROTOCOL_ERROR)
        self._out.grant(stream, increment)
        self.resume()

    def abort(self, fault: StreamFault) -> Iterator[Event]:
        """Our RST_STREAM (5.4.2); what is still on its way is ignored. ConnectionFault where the
        stream is idle: of that one no RST_STREAM may speak (6.4).
        """
        if self._is_idle(fault.stream):
            raise ConnectionFault(fault.code, "a fault on an idle stream")
        self._patience.spend()
        self._out.put(frames.rst_stream(fault.stream, fault.code))
        stream = self._open.get(fault.stream)
        if stream is not None:
            self._forget(stream)
            yield Closed(fault.stream)
        self._over[fault.stream] = True
        self._trim()

    def check_begun(self, number: int) -> None:
        """ConnectionFault where a frame speaks of a stream that is idle (5.1)."""
        if self._is_idle(number):
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a frame on an idle stream")

    def _is_idle(self, number: int) -> bool:
        return number > self.last or not number % 2

    def _messages(self, stream: Stream, piece: bytes) -> Iterable[Event]:
        if stream.answered:
            return ()
        reader = stream.messages
        held = reader.held
        try:
            found = reader.feed(piece)
            self._bound(reader.held - held)
        except CallFault as fault:
            self.fail(stream.id, fault)
            return (Closed(stream.id),)
        finally:
            self._held += reader.held - held
        if len(found) == 1 and not stream.peer_done:
            return (Received(stream.id, found[0]),)
        return self._deliver(stream, found)

    def _bound(self, more: int) -> None:
        """Bound memory by refusing the call that would pass the bound: to let it wait for credit
        could let all calls wait for each other.
        """
        if more > 0 and self._held + more > self._limits.held:
            raise CallFault(Status.RESOURCE_EXHAUSTED, "too many unfinished messages")

    def _deliver(self, stream: Stream, messages: list[bytes]) -> Iterator[Event]:
        for message in messages:
            if not stream.answered:
                yield Received(stream.id, message)
        if stream.peer_done and not stream.answered:
            if stream.messages.partial:
                fault = CallFault(Status.INTERNAL, "the stream ended inside a message")
                self.fail(stream.id, fault)
            else:
                self._finish(stream, replies.OK)
            yield Closed(stream.id)

    def _begin(self, number: int, block: bytes, *, last: bool) -> None:
        if number > self.accepted:
            self._ignore(block)
            return
        opening = self._blocks.opening(number, block)
        if len(self._open) >= self._limits.streams:
            raise StreamFault(number, ErrorCode.REFUSED_STREAM)
        self._open[number] = stream = Stream(number, self._limits, opening.length)
        stream.credit = self._out.window
        stream.peer_done = last
        stream.count(0, last=last)
        if opening.refusal is not None:
            stream.begun = True
            self._finish(stream, opening.refusal)
        elif last:
            self._finish(stream, replies.OK)

    def _trailers(self, stream: Stream, block: bytes, *, last: bool) -> Iterable[Event]:
        if stream.peer_done:
            self._blocks.skip(block)
            raise StreamFault(stream.id, ErrorCode.STREAM_CLOSED)
        self._blocks.trailers(stream.id, block)
        if not last:
            raise StreamFault(stream.id, ErrorCode.PROTOCOL_ERROR)
        stream.count(0, last=True)
        stream.peer_done = True
        return self._deliver(stream, [])

    def _stray(self, frame: Frame, *, last: bool) -> Iterable[Event]:
        """DATA on a stream that is not open: ours to ignore, or the peer's fault (5.1)."""
        number = frame.stream
        self.check_begun(number)
        if not frame.payload:
            self._patience.spend()
        if number <= self.accepted:
            if not self._over.get(number):
                raise StreamFault(number, ErrorCode.STREAM_CLOSED)
            if last:
                self._over[number] = False
        return ()

    def _late(self, number: int, *, last: bool) -> None:
        """HEADERS on a number that is not new (5.1, 5.1.1), or that came after the farewell."""
        if self.accepted < number <= self.last:
            return
        over = self._over.get(number)
        if over is None:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a stream's number is not new")
        if not over:
            raise ConnectionFault(ErrorCode.STREAM_CLOSED, "HEADERS on a closed stream")
        if last:
            self._over[number] = False

    def _ignore(self, block: bytes) -> None:
        """It is decoded all the same, which costs and serves nobody."""
        self._patience.spend()
        self._blocks.skip(block)

    def _finish(self, stream: Stream, block: bytes) -> None:
        self._out.end(stream, block)
        if stream.ended:
            self._close(stream)

    def _close(self, stream: Stream) -> None:
        self._forget(stream)
        self._over[stream.id] = not stream.peer_done
        self._trim()

    def _forget(self, stream: Stream) -> None:
        del self._open[stream.id]
        self._held -= stream.messages.held
        if stream.unsent:
            self._out.drop(stream)

    def _trim(self) -> None:
        if len(self._over) > self._limits.streams:
            self._over.popitem(last=False)
