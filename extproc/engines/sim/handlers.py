"""The APIs of the model over HTTP: first faults, then checks, then tokens as they are made."""

import asyncio
import socket
import struct
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence as Seq
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import msgspec
from aiohttp import web

from extproc.engines.sim import chat, errors, sse
from extproc.engines.sim.errors import ApiError
from extproc.engines.sim.exchange import Call, Exchange
from extproc.engines.sim.faults import Fault
from extproc.engines.sim.replica import REPLICA
from extproc.engines.sim.scheduler import QueueFull
from extproc.engines.sim.sequence import Sequence

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Tokens = asyncio.Queue[Sequence]

_JSON: Final = "application/json"
_GARBAGE: Final = b"<html>upstream request timeout"
# Closing a socket that lingers for 0 seconds sends a reset instead of an orderly end.
_LINGER_RESET: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """One of the model's APIs: how its body is read, and how it words a refusal."""

    parse: Callable[[bytes, Call], Exchange]
    refusal: Callable[[ApiError], dict[str, object]] = ApiError.openai


APIS: Final[Mapping[str, Api]] = MappingProxyType(
    {
        "/v1/chat/completions": Api(parse=chat.parse),
    }
)


def handler(api: Api) -> Handler:
    """The request handler of an API."""

    async def handle(request: web.Request) -> web.StreamResponse:
        replica = request.app[REPLICA]
        body = await request.read()
        replica.journal.record(request.path, request.headers, body)
        fault = replica.faults.draw()
        try:
            return await _failed(request, fault) or await _answered(request, api, body, fault)
        except ApiError as error:
            return refusal(error, api.refusal, retry_after=fault.retry_after)

    return handle


def refusal(
    error: ApiError,
    word: Callable[[ApiError], dict[str, object]] = ApiError.openai,
    *,
    retry_after: int | None = None,
) -> web.Response:
    """The response for a refused request."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return web.Response(
        body=sse.encode(word(error)),
        status=error.status,
        content_type=_JSON,
        headers=headers,
    )


def check_content_type(request: web.Request) -> None:
    """Raises ApiError for a body that does not claim to be JSON, as vLLM does."""
    if request.content_type != _JSON:
        raise errors.unsupported_media_type()


def call_of(request: web.Request) -> Call:
    """What there is to know besides the body; the id is the client's, if it sent one."""
    return Call(
        settings=request.app[REPLICA].settings,
        request_id=request.headers.get("x-request-id") or uuid.uuid4().hex,
        created=int(time.time()),
    )


async def _failed(request: web.Request, fault: Fault) -> web.StreamResponse | None:
    if fault.delay_seconds:
        await asyncio.sleep(fault.delay_seconds)
    if fault.hang:
        await asyncio.Event().wait()
    if fault.reset == "before_headers":
        _reset(request)
        return web.Response()
    if fault.status is not None:
        raise errors.plain(fault.status)
    if fault.garbage:
        return web.Response(body=_GARBAGE, content_type=_JSON)
    return None


async def _answered(
    request: web.Request, api: Api, body: bytes, fault: Fault
) -> web.StreamResponse:
    replica = request.app[REPLICA]
    if not replica.ready:
        raise errors.plain(503)
    check_content_type(request)
    try:
        exchange = api.parse(body, call_of(request))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise errors.undecodable(error) from error
    sequences = exchange.generation.sequences(replica.driver.now())
    try:
        with replica.driver.generating(sequences) as tokens:
            if exchange.events is not None:
                return await _stream(request, exchange, exchange.events, sequences, tokens, fault)
            return await _whole(request, exchange, sequences, tokens, fault)
    except QueueFull as error:
        raise errors.queue_full() from error


async def _whole(
    request: web.Request, exchange: Exchange, sequences: Seq[Sequence], tokens: Tokens, fault: Fault
) -> web.StreamResponse:
    for _ in range(_expected(sequences)):
        await tokens.get()
    body = exchange.answer(exchange.generation.usage(sequences))
    if fault.reset != "mid_stream":
        return web.Response(body=body, content_type=_JSON)
    response = web.StreamResponse(headers={"content-type": _JSON, "content-length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    _reset(request)
    return response


async def _stream(
    request: web.Request, exchange: Exchange, sequences: Seq[Sequence], tokens: Tokens, fault: Fault
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-type": "text/event-stream; charset=utf-8"})
    await response.prepare(request)
    choices = {id(sequence): index for index, sequence in enumerate(sequences)}
    positions = [0] * len(sequences)
    for received in range(_expected(sequences)):
        if fault.reset == "mid_stream" and received == fault.after_tokens:
            _reset(request)
            return response
        choice = choices[id(await tokens.get())]
        if received == 0:
            await response.write(exchange.begin(exchange.generation.usage(sequences)))
        await response.write(exchange.token(choice, positions[choice]))
        positions[choice] += 1
    await response.write(exchange.end(exchange.generation.usage(sequences)))
    return response


def _expected(sequences: Seq[Sequence]) -> int:
    return sum(len(sequence.output) or 1 for sequence in sequences)


def _reset(request: web.Request) -> None:
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)
        transport.abort()
