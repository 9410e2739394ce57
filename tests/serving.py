"""A real gRPC server on a free port, and Envoy's published client of it."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from builders import RecordingObserver, routed
from envoy.service.accesslog.v3 import als_pb2_grpc
from envoy.service.ext_proc.v3 import external_processor_pb2 as envoy, external_processor_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from extproc._pb import ext_proc_pb2 as pb
from extproc.routing import Routing
from extproc.server import WAITING_RECORDS, Server

MAX_BODY = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server, what it told its observer, and a channel to it."""

    server: Server
    observer: RecordingObserver
    port: int
    channel: grpc.aio.Channel

    def stream(self) -> Any:  # noqa: ANN401 - the published stubs have no types
        """A new ext_proc stream."""
        return external_processor_pb2_grpc.ExternalProcessorStub(self.channel).Process()

    async def ask(self, *messages: pb.ProcessingRequest) -> list[Any]:
        """All answers of a new stream to `messages`, up to its end."""
        stream = self.stream()
        for message in messages:
            await stream.write(foreign(message))
        return [reply async for reply in stream]

    async def tell(self, messages: Iterable[Any]) -> Any:  # noqa: ANN401
        """A whole access log stream; the server's answer to it."""
        return await als_pb2_grpc.AccessLogServiceStub(self.channel).StreamAccessLogs(
            iter(messages)
        )

    async def health(self, service: str) -> str:
        """The word of the health service."""
        stub = health_pb2_grpc.HealthStub(self.channel)
        reply = await stub.Check(health_pb2.HealthCheckRequest(service=service))
        return str(health_pb2.HealthCheckResponse.ServingStatus.Name(reply.status))


def foreign(message: pb.ProcessingRequest) -> Any:  # noqa: ANN401
    """Our message as Envoy's own."""
    return envoy.ProcessingRequest.FromString(message.SerializeToString())


@asynccontextmanager
async def serving(
    routing: Callable[[], Routing] | None = None, *, waiting_bytes: int = WAITING_RECORDS
) -> AsyncIterator[Served]:
    """A server that decides by `routing`, stopped at the end."""
    made = routed(server={"max_body_bytes": MAX_BODY})
    observer = RecordingObserver()
    server = Server(
        routing or (lambda: made),
        observer,
        max_body_bytes=MAX_BODY,
        waiting_bytes=waiting_bytes,
    )
    port = await server.start("127.0.0.1:0")
    try:
        options = (("grpc.max_receive_message_length", -1),)
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
            yield Served(server=server, observer=observer, port=port, channel=channel)
    finally:
        await server.stop()
