"""The gRPC side: ext_proc, access log and health services, their limits, and the drain.

Handlers are registered under Envoy's service names over our own messages; the wire is the same.
"""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import grpc
from grpc_health.v1 import health, health_pb2_grpc
from grpc_health.v1.health_pb2 import HealthCheckResponse

from extproc._pb import accesslog_pb2, ext_proc_pb2
from extproc.accesslog import completed
from extproc.mutation import patience
from extproc.processor import MESSAGE_OVERHEAD, StreamProcessor
from extproc.routing import Routing
from extproc.stages import Patient
from extproc.telemetry import Observer

EXT_PROC: Final = "envoy.service.ext_proc.v3.ExternalProcessor"
ACCESS_LOG: Final = "envoy.service.accesslog.v3.AccessLogService"
LIVENESS: Final = "liveness"
WAITING_RECORDS: Final = 8 << 20
"""What Envoy keeps of the access log while nobody takes it, and then sends as one message."""
_READY: Final = ("", "readiness", EXT_PROC)
_SERVING: Final = HealthCheckResponse.SERVING
_NOT_SERVING: Final = HealthCheckResponse.NOT_SERVING
_LAST_STREAMS: Final = 1.0
"""Seconds for what is still open: a decision takes milliseconds, and Envoy's access log stream
would stay for ever."""
Context = grpc.aio.ServicerContext[Any, Any]


class Server:
    """Serves one listening address. `routing` gives what is in force when a stream starts, or is
    None where decisions are made elsewhere. A message may hold a body, or the `waiting_bytes` that
    Envoy has kept of the access log.
    """

    def __init__(
        self,
        routing: Callable[[], Routing] | None,
        observer: Observer,
        *,
        max_body_bytes: int,
        waiting_bytes: int = WAITING_RECORDS,
    ) -> None:
        self._routing = routing
        self._observer = observer
        self._limit = max(max_body_bytes, waiting_bytes) + MESSAGE_OVERHEAD
        self._health = health.aio.HealthServicer()
        self._server: grpc.aio.Server | None = None

    async def start(self, address: str) -> int:
        """Listen and say SERVING; the port, or OSError where the address cannot be had."""
        self._server = server = grpc.aio.server(
            options=(
                ("grpc.max_receive_message_length", self._limit),
                ("grpc.max_send_message_length", self._limit),
                ("grpc.so_reuseport", 0),
            )
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        server.add_generic_rpc_handlers((self._access_log(),))
        if self._routing is not None:
            server.add_generic_rpc_handlers((self._ext_proc(self._routing),))
        try:
            port = server.add_insecure_port(address)
        except RuntimeError as error:
            raise OSError(f"cannot listen on {address}: {error}") from error
        await server.start()
        for service in (LIVENESS, *_READY):
            await self._health.set(service, _SERVING)
        return port

    async def drain(self, seconds: float) -> None:
        """Say NOT_SERVING at once, serve on for `seconds`, then let the open streams end."""
        for service in _READY:
            await self._health.set(service, _NOT_SERVING)
        await asyncio.sleep(seconds)
        await self.stop(min(seconds, _LAST_STREAMS) or None)

    async def stop(self, grace: float | None = None) -> None:
        """Take no new streams; end the open ones after `grace` seconds, or at once."""
        if self._server is not None:
            await self._server.stop(grace)

    async def _process(
        self, routing: Callable[[], Routing], _: AsyncIterator[Any], context: Context
    ) -> None:
        processor = StreamProcessor(routing(), self._observer)
        with contextlib.closing(processor):
            while not processor.done:
                message = await context.read()
                if message is grpc.aio.EOF:
                    return
                reply = processor.handle(message)
                while callable(reply):
                    if isinstance(reply, Patient):
                        await context.write(patience(reply.seconds))
                    reply = processor.resume(await reply())
                if reply is not None:
                    await context.write(reply)

    async def _log(self, messages: AsyncIterator[Any], _: Context) -> Any:  # noqa: ANN401
        async for message in messages:
            for record in completed(message):
                self._observer.completed(record)
        return accesslog_pb2.StreamAccessLogsResponse()

    def _ext_proc(self, routing: Callable[[], Routing]) -> grpc.GenericRpcHandler:
        handler: grpc.RpcMethodHandler[Any, Any] = grpc.stream_stream_rpc_method_handler(
            functools.partial(self._process, routing),
            request_deserializer=ext_proc_pb2.ProcessingRequest.FromString,
        )
        return grpc.method_handlers_generic_handler(EXT_PROC, {"Process": handler})

    def _access_log(self) -> grpc.GenericRpcHandler:
        handler = grpc.stream_unary_rpc_method_handler(
            self._log,
            request_deserializer=accesslog_pb2.StreamAccessLogsMessage.FromString,
            response_serializer=accesslog_pb2.StreamAccessLogsResponse.SerializeToString,
        )
        return grpc.method_handlers_generic_handler(ACCESS_LOG, {"StreamAccessLogs": handler})
