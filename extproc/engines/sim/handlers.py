"""The APIs of the model over HTTP: first faults, then checks, then tokens as they are made."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence as Seq
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, TypeVar

import msgspec
from aiohttp import web

from extproc.engines.sim import chat, completions, embeddings, errors, messages, responses
from extproc.engines.sim.disruption import disrupted, reset
from extproc.engines.sim.errors import ApiError
from extproc.engines.sim.exchange import Call, Events, Exchange
from extproc.engines.sim.faults import Fault
from extproc.engines.sim.generation import Usage
from extproc.engines.sim.replica import REPLICA
from extproc.engines.sim.replies import JSON, json_bytes, refusal
from extproc.engines.sim.scheduler import QueueFull
from extproc.engines.sim.sequence import Sequence

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Tokens = asyncio.Queue[Sequence]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """One of the model's APIs: how its body is read, and how it words a refusal."""

    parse: Callable[[bytes, Call], Exchange]
    refusal: Callable[[ApiError], dict[str, object]] = ApiError.openai


APIS: Final[Mapping[str, Api]] = MappingProxyType(
    {
        "/v1/chat/completions": Api(parse=chat.parse),
        "/v1/completions": Api(parse=completions.parse),
        "/v1/responses": Api(parse=responses.parse),
        "/v1/messages": Api(parse=messages.parse, refusal=messages.refusal),
        "/v1/embeddings": Api(parse=embeddings.parse),
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
            disruption = await disrupted(request, fault)
            if disruption is not None:
                return disruption
            return await _answered(request, api, body, fault)
        except ApiError as error:
            return refusal(error, api.refusal, retry_after=fault.retry_after)

    return handle


def decoded(parse: Callable[[bytes, Call], _T], body: bytes, request: web.Request) -> _T:
    """What `parse` makes of a JSON body; raises ApiError where it is not JSON, or refused."""
    if request.content_type != JSON:
        raise errors.unsupported_media_type()
    if not body:
        raise errors.malformed("missing", (), "Field required")
    try:
        return parse(body, call_of(request))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise errors.undecodable(error) from error


def call_of(request: web.Request) -> Call:
    """What there is to know besides the body; the id is the client's, if it sent one."""
    return Call(
        settings=request.app[REPLICA].settings,
        request_id=request.headers.get("x-request-id") or uuid.uuid4().hex,
        created=int(time.time()),
    )


async def _answered(
    request: web.Request, api: Api, body: bytes, fault: Fault
) -> web.StreamResponse:
    replica = request.app[REPLICA]
    if not replica.ready:
        raise errors.plain(HTTPStatus.SERVICE_UNAVAILABLE)
    exchange = decoded(api.parse, body, request)
    sequences = exchange.generation.sequences(replica.driver.now())
    try:
        with replica.driver.generating(sequences) as tokens:
            run = _Run(
                request=request, exchange=exchange, sequences=sequences, tokens=tokens, fault=fault
            )
            events = exchange.events
            return await (_whole(run) if events is None else _stream(run, events))
    except QueueFull as error:
        raise errors.queue_full() from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    request: web.Request
    exchange: Exchange
    sequences: Seq[Sequence]
    tokens: Tokens
    fault: Fault

    @property
    def usage(self) -> Usage:
        settings = self.request.app[REPLICA].settings
        block_size = settings.block_size if settings.enable_prefix_caching else 0
        return self.exchange.generation.usage(self.sequences, block_size=block_size)

    @property
    def expected(self) -> int:
        return sum(len(sequence.output) or 1 for sequence in self.sequences)


async def _whole(run: _Run) -> web.StreamResponse:
    for _ in range(run.expected):
        await run.tokens.get()
    body = run.exchange.answer(run.usage)
    if run.fault.reset != "mid_stream":
        return json_bytes(body)
    response = web.StreamResponse(headers={"content-type": JSON, "content-length": str(len(body))})
    await response.prepare(run.request)
    await response.write(body[: len(body) // 2])
    reset(run.request)
    return response


async def _stream(run: _Run, events: Events) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-type": "text/event-stream; charset=utf-8"})
    await response.prepare(run.request)
    await response.write(events.accepted())
    choices = {id(sequence): index for index, sequence in enumerate(run.sequences)}
    positions = [0] * len(run.sequences)
    for received in range(run.expected):
        if run.fault.reset == "mid_stream" and received == run.fault.after_tokens:
            reset(run.request)
            return response
        choice = choices[id(await run.tokens.get())]
        if received == 0:
            await response.write(events.begin(run.usage))
        await response.write(events.token(choice, positions[choice]))
        positions[choice] += 1
    await response.write(events.end(run.usage))
    return response
