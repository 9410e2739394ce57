"""The native transport beside grpc.aio: the same calls by grpcio's clients, the same answers."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

import grpc
import native_serving
import pytest
import serving
import wire
from builders import RecordingObserver, body, chat, headers, routed

from extproc._pb import ext_proc_pb2 as pb
from extproc.native.server import NativeServer
from extproc.routing import Routing

FIRST: Final = headers().SerializeToString()
SIZES: Final = (10, 1_000, 16_384, 100_000, 1 << 20, 8 << 20)
OPTIONS: Final = (("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1))


LIMIT: Final = 9 << 20
LARGE: Final = {
    "server": {"max_body_bytes": LIMIT, "deadline_seconds": 10},
    "gateway": {"message_timeout_seconds": 11},
}


class Answer(NamedTuple):
    """What a client learns of a call: the messages byte by byte, and the status."""

    messages: tuple[bytes, ...]
    code: grpc.StatusCode


def process(channel: Any) -> Any:  # noqa: ANN401 - bytes in and out, of both channels
    """The one method."""
    return channel.stream_stream(wire.PATH)


def talk(address: str, messages: Iterable[bytes]) -> Answer:
    """One call of the synchronous client, on a channel of its own: it reads on where a write comes
    too late, which the asyncio client takes for an error.
    """
    got: list[bytes] = []
    with grpc.insecure_channel(address, OPTIONS) as channel:
        call = process(channel)(iter(list(messages)), timeout=20)
        with contextlib.suppress(grpc.RpcError):
            got += call
        return Answer(tuple(got), call.code())


async def ask(address: str, messages: Iterable[bytes], *, gzip: bool = False) -> Answer:
    """One call of the asyncio client, on a channel of its own."""
    compression = grpc.Compression.Gzip if gzip else None
    got: list[bytes] = []
    async with grpc.aio.insecure_channel(address, OPTIONS) as channel:
        call = process(channel)(iter(list(messages)), compression=compression, timeout=20)
        with contextlib.suppress(grpc.aio.AioRpcError):
            got += [message async for message in call]
        return Answer(tuple(got), await call.code())


async def asked(addresses: tuple[str, str], messages: Iterable[bytes]) -> tuple[Answer, Answer]:
    """The same call to both."""
    messages = list(messages)
    reference, native = (asyncio.to_thread(talk, address, messages) for address in addresses)
    return await reference, await native


@asynccontextmanager
async def both(routing: Callable[[], Routing] | None = None) -> AsyncIterator[tuple[str, str]]:
    """The addresses of both servers, which decide alike."""
    async with (
        serving.serving(routing, waiting_bytes=0) as reference,
        native_serving.serving(routing) as native,
    ):
        yield f"127.0.0.1:{reference.port}", native.address


def generated(seed: int) -> list[bytes]:
    """A stream of messages as Envoy, or somebody worse, might send."""
    dice = random.Random(seed)
    text = chat("x" * dice.choice((0, 10, 70_000)), model=dice.choice(("auto", "nobody's")))
    cut = dice.randrange(len(text))
    kinds = (
        headers(),
        headers("/v1/models", method="GET", end_of_stream=True),
        headers("/nowhere"),
        headers(more={"x-tiergate-prefer": dice.choice(("fast", "no such"))}),
        headers(more={"content-length": dice.choice(("5", "99999999", "x"))}),
        body(text),
        body(text[:cut], end_of_stream=False),
        body(text[cut:]),
        body(b"{"),
        pb.ProcessingRequest(),
        pb.ProcessingRequest(request_trailers=pb.HttpTrailers()),
        pb.ProcessingRequest(response_headers=pb.HttpHeaders()),
        pb.ProcessingRequest(response_body=pb.HttpBody(body=b"x")),
    )
    written = [dice.choice(kinds).SerializeToString() for _ in range(dice.randrange(5))]
    if dice.random() < 0.2:
        written.append(dice.randbytes(dice.choice((1, 50, 200_000))))
    first = [] if dice.random() < 0.3 else [FIRST]
    return first + written


async def test_generated_streams_are_answered_alike() -> None:
    """Message for message, byte for byte, and with the same status."""
    async with both() as addresses:
        for seed in range(120):
            reference, native = await asked(addresses, generated(seed))

            assert reference == native, seed


async def test_messages_are_answered_alike_whatever_their_size() -> None:
    """From ten bytes to the limit and beyond it."""
    routing = routed(server={"max_body_bytes": 1 << 16, "deadline_seconds": 0.4})
    async with both(lambda: routing) as addresses:
        for size in (0, 10, 16_379, 16_380, 65_535, 65_536, 65_537, 131_000, 131_072, 131_073):
            messages = (FIRST, body(bytes(size)).SerializeToString())
            reference, native = await asked(addresses, messages)

            assert reference == native, size


@asynccontextmanager
async def large(routing: Routing | None = None) -> AsyncIterator[str]:
    """The address of a native server that takes bodies of 8 MiB."""
    made = routing or routed(**LARGE)
    server = NativeServer(lambda: made, RecordingObserver(), max_body_bytes=LIMIT)
    yield f"127.0.0.1:{await server.start('127.0.0.1:0')}"
    await server.stop()


@pytest.mark.parametrize("size", SIZES)
async def test_bodies_of_any_size_are_decided(size: int) -> None:
    """By the asyncio client; frames, windows and messages fall together as they may."""
    async with large() as address:
        answer = await ask(address, (FIRST, body(chat("x" * size)).SerializeToString()))

    assert grpc.StatusCode.OK is answer.code
    assert b"reasoning" in answer.messages[-1]


async def test_a_large_body_is_given_back_changed() -> None:
    """Answers obey the client's windows as its messages obey ours."""
    tiers = [{"name": "fast", "model": "a/b", "endpoints": ["h:1"], "serves_aliases": False}]
    routing = routed(tiers=tiers, policy={"fixed": "fast"}, **LARGE)
    text = chat("x" * (2 << 20))
    async with large(routing) as address:
        answer = await ask(address, (FIRST, body(text).SerializeToString()))
    decided = pb.ProcessingResponse.FromString(answer.messages[-1])

    assert grpc.StatusCode.OK is answer.code
    assert text.replace(b'"auto"', b'"a/b"') == decided.request_body.response.body_mutation.body


async def test_a_hundred_streams_at_once_are_decided() -> None:
    """On one connection, by the asyncio client, with bodies of every size."""
    async with large() as address, grpc.aio.insecure_channel(address, OPTIONS) as channel:

        async def one(size: int) -> bytes:
            """The last answer to a body of that size."""
            text = body(chat("x" * size)).SerializeToString()
            call = process(channel)(iter((FIRST, text)), timeout=50)
            answers = [bytes(message) async for message in call]
            return answers[-1]

        sizes = (10, 1_000, 20_000, 200_000) * 25
        answers = await asyncio.gather(*(one(size) for size in sizes))

    assert {True} == {b"reasoning" in answer for answer in answers}


async def test_the_synchronous_client_is_served() -> None:
    """It begins its connections and streams otherwise than the asyncio one."""

    def calls(address: str) -> list[bytes]:
        """The last answers to some calls, one after the other."""
        with grpc.insecure_channel(address, OPTIONS) as channel:
            call = process(channel)
            text = body(chat("x" * 50_000)).SerializeToString()
            return [list(call(iter((FIRST, text)), timeout=20))[-1] for _ in range(20)]

    async with large() as address:
        answers = await asyncio.to_thread(calls, address)

    assert {True} == {b"reasoning" in answer for answer in answers}


async def test_compression_is_refused() -> None:
    """Cleanly, and by its own name: grpc.aio would unpack it, and with it a bomb."""
    async with large() as address:
        text = body(chat("x" * 1_000)).SerializeToString()
        answer = await ask(address, (FIRST, text), gzip=True)

    assert grpc.StatusCode.UNIMPLEMENTED is answer.code


async def test_another_method_is_not_implemented() -> None:
    """Health and reflection are served elsewhere."""
    async with large() as address, grpc.aio.insecure_channel(address) as channel:
        check: Any = channel.unary_unary("/grpc.health.v1.Health/Check")
        call = check(b"")

        assert grpc.StatusCode.UNIMPLEMENTED is await call.code()
