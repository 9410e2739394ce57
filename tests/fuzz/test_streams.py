"""Streams that say anything in any order, to both real servers, many at a time.

Whatever comes, the server answers the next request as it should, and forgets the streams.
"""

import asyncio
import contextlib
import gc
import threading
from collections.abc import Coroutine
from typing import Any, ClassVar, Final, TypeVar

import builders
import grpc
import pytest
from envoy.service.ext_proc.v3 import external_processor_pb2_grpc
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule, run_state_machine_as_test
from serving import foreign
from typing_extensions import override

from extproc._pb import ext_proc_pb2 as pb
from extproc.native.server import NativeServer
from extproc.processor import StreamProcessor
from extproc.server import Server

T = TypeVar("T")
MAX_BODY: Final = 2048
PATHS: Final = ("/v1/chat/completions", "/v1/embeddings", "/v1/models", "/nowhere", "", "/\0")
MODES: Final = (pb.BodySendMode.NONE, pb.BodySendMode.BUFFERED, pb.BodySendMode.STREAMED)
BYTES: Final = st.one_of(
    st.binary(max_size=64),
    st.just(builders.chat()),
    st.just(b"x" * (MAX_BODY + 1)),
    st.just(builders.chat("x" * (MAX_BODY - 200))),
)


def _map(pairs: dict[str, bytes]) -> pb.HeaderMap:
    return pb.HeaderMap(headers=[pb.HeaderValue(key=k, raw_value=v) for k, v in pairs.items()])


HEADERS: Final = st.builds(
    lambda path, method, more, end: pb.HttpHeaders(
        headers=_map({**more, ":path": path.encode(), **method}), end_of_stream=end
    ),
    st.sampled_from(PATHS),
    st.sampled_from([{":method": b"POST"}, {":method": b"GET"}, {}]),
    st.dictionaries(
        st.sampled_from(["content-length", "x-tiergate-prefer", "x-request-id", ":status"]),
        st.sampled_from([b"200", b"-1", b"fast", b"\xff", b""]),
    ),
    st.booleans(),
)
BODIES: Final = st.builds(
    lambda body, end: pb.HttpBody(body=body, end_of_stream=end), BYTES, st.booleans()
)
MESSAGES: Final = st.one_of(
    st.builds(lambda headers: pb.ProcessingRequest(request_headers=headers), HEADERS),
    st.builds(lambda body: pb.ProcessingRequest(request_body=body), BODIES),
    st.builds(lambda headers: pb.ProcessingRequest(response_headers=headers), HEADERS),
    st.builds(lambda body: pb.ProcessingRequest(response_body=body), BODIES),
    st.just(pb.ProcessingRequest(request_trailers=pb.HttpTrailers())),
    st.just(pb.ProcessingRequest(response_trailers=pb.HttpTrailers())),
    st.just(pb.ProcessingRequest()),
    st.builds(
        lambda mode, headers: pb.ProcessingRequest(
            request_headers=headers,
            protocol_config=pb.ProtocolConfiguration(request_body_mode=mode),
        ),
        st.sampled_from(MODES),
        HEADERS,
    ),
)


class Loop:
    """An event loop in a thread of its own, since the machine's steps are plain calls."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        """What a coroutine gives, within ten seconds."""
        return asyncio.run_coroutine_threadsafe(step, self._loop).result(10)

    def close(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Streams(RuleBasedStateMachine):
    """Opens streams, writes to them, half-closes and cancels them, in any order."""

    kind: ClassVar[type[Server] | type[NativeServer]]
    loop: ClassVar[Loop]
    streams: Bundle[Any] = Bundle("streams")

    def __init__(self) -> None:
        super().__init__()
        self.made = builders.routed(server={"max_body_bytes": MAX_BODY})
        self.loop.run(self._start())

    async def _start(self) -> None:
        observer = builders.RecordingObserver()
        self.server = self.kind(lambda: self.made, observer, max_body_bytes=MAX_BODY)
        port = await self.server.start("127.0.0.1:0")
        self.channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
        self.stub = external_processor_pb2_grpc.ExternalProcessorStub(self.channel)

    @rule(target=streams)
    def open(self) -> Any:  # noqa: ANN401 - the published stubs have no types
        """One more."""
        return self.loop.run(self._open())

    async def _open(self) -> Any:  # noqa: ANN401 - as above
        return self.stub.Process()

    @rule(stream=streams, message=MESSAGES)
    def send(self, stream: Any, message: pb.ProcessingRequest) -> None:  # noqa: ANN401 - as above
        """Any message, also to a stream that has ended."""
        self.loop.run(_quietly(stream.write, foreign(message)))

    @rule(stream=streams)
    def half_close(self, stream: Any) -> None:  # noqa: ANN401 - as above
        """Nothing more will come."""
        self.loop.run(_quietly(stream.done_writing))

    @rule(stream=streams)
    def cancel(self, stream: Any) -> None:  # noqa: ANN401 - as above
        """As Envoy does where a client hangs up."""
        self.loop.run(self._cancel(stream))

    async def _cancel(self, stream: Any) -> None:  # noqa: ANN401 - as above
        stream.cancel()

    @override
    def teardown(self) -> None:
        """The next request is answered, and of the streams nothing is left."""
        replies = self.loop.run(self._ask())
        self.loop.run(self._stop())

        assert ["request_headers", "request_body"] == replies
        assert 0 == self.loop.run(_left())

    async def _ask(self) -> list[str]:
        stream = self.stub.Process()
        await stream.write(foreign(builders.headers()))
        await stream.write(foreign(builders.body(builders.chat())))
        return [reply.WhichOneof("response") async for reply in stream]

    async def _stop(self) -> None:
        await self.channel.close()
        await self.server.stop()


async def _left() -> int:
    """How many streams were not closed, once they have had their time to end."""
    left = 1
    for _ in range(10):
        await asyncio.sleep(0.01)
        found = (one for one in gc.get_objects() if isinstance(one, StreamProcessor))
        left = sum(not one.done for one in found)
        if not left:
            break
    return left


async def _quietly(step: Any, *arguments: Any) -> None:  # noqa: ANN401 - as above
    """A step on a stream that may have ended."""
    with contextlib.suppress(
        grpc.aio.AioRpcError, asyncio.InvalidStateError, asyncio.CancelledError
    ):
        await step(*arguments)


@pytest.mark.parametrize("kind", [Server, NativeServer], ids=["grpc", "native"])
def test_no_order_of_messages_breaks_a_server(kind: type[Server] | type[NativeServer]) -> None:
    """Neither the one that answers nor the streams beside it."""
    loop = Loop()
    machine = type("Machine", (Streams,), {"kind": kind, "loop": loop})
    quick = settings(
        max_examples=20, stateful_step_count=20, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    gc.freeze()  # `_left` is to look at what was made since, not at all that tests have left
    try:
        run_state_machine_as_test(machine, settings=quick)
    finally:
        gc.unfreeze()
        loop.close()

    assert {"streams"} <= set(dir(machine))
