"""Streams that wait for something, over grpc's own server and the native one."""

import asyncio

import pytest
import wire
from builders import body, chat, headers
from envoy.service.ext_proc.v3 import external_processor_pb2 as envoy
from grpc import StatusCode
from grpc.aio import AioRpcError
from native_serving import serving as serving_natively
from playbook import steered
from serving import serving
from stage_builders import broken, never, soon, waiting

from extproc.stages import Patient

TOLD = steered("reasoning", reason="fixed", policy="fixed", told="7")
MESSAGES = (headers(), body(chat()))


def opened(stream: int) -> bytes:
    """A whole call on one stream."""
    data = (wire.data(wire.message(one.SerializeToString()), stream) for one in MESSAGES)
    return wire.opening(stream) + b"".join(data)


async def test_grpc_waits_for_what_a_stage_wants() -> None:
    """And then decides."""
    made = waiting(soon)
    async with serving(lambda: made) as served:
        assert TOLD == (await served.ask(*MESSAGES))[-1]


async def test_grpc_tells_of_an_effect_that_raises() -> None:
    """The stream ends with an error, and Envoy does what it does without a router."""
    made = waiting(broken)
    async with serving(lambda: made) as served:
        with pytest.raises(AioRpcError) as caught:
            await served.ask(*MESSAGES)

    assert StatusCode.UNKNOWN == caught.value.code()


async def test_grpc_lets_go_of_a_client_that_does_not_wait() -> None:
    """Others are served meanwhile and afterwards."""
    ways = iter((waiting(never), waiting(soon)))
    async with serving(lambda: next(ways)) as served:
        gone = asyncio.ensure_future(served.ask(*MESSAGES))
        await asyncio.sleep(0.05)
        gone.cancel()

        assert TOLD == (await served.ask(*MESSAGES))[-1]


async def test_native_waits_for_what_a_stage_wants() -> None:
    """The streams beside it are not held up."""
    ways = iter((waiting(never), waiting(soon)))
    async with serving_natively(lambda: next(ways)) as served, served.raw() as client:
        client.send(opened(1), opened(3))
        frames: list[wire.Frame] = []
        while ("status", 3, 0) not in list(wire.ends(frames)):
            client.send(wire.frame(wire.PING, 0, 0, b"the end?"))
            frames += await client.frames(b"the end?")
        last = [frame for frame in frames if frame.kind == wire.DATA and frame.stream == 3][-1]

    assert TOLD == envoy.ProcessingResponse.FromString(last.payload[5:])
    assert [("status", 3, 0)] == list(wire.ends(frames))


async def test_grpc_says_that_an_answer_takes_longer() -> None:
    """Before it waits; the answer follows."""
    made = waiting(Patient(soon, 2.5))
    async with serving(lambda: made) as served:
        said = await served.ask(*MESSAGES)

    assert [0.0, 2.5, 0.0] == [one.override_message_timeout.ToNanoseconds() / 1e9 for one in said]
    assert TOLD == said[-1]


async def test_native_says_that_an_answer_takes_longer() -> None:
    """As grpc does."""
    made = waiting(Patient(soon, 2.5))
    async with serving_natively(lambda: made) as served, served.raw() as client:
        client.send(opened(1))
        frames: list[wire.Frame] = []
        while ("status", 1, 0) not in list(wire.ends(frames)):
            client.send(wire.frame(wire.PING, 0, 0, b"the end?"))
            frames += await client.frames(b"the end?")
    said = [
        envoy.ProcessingResponse.FromString(one.payload[5:])
        for one in frames
        if one.kind == wire.DATA
    ]

    assert [0.0, 2.5, 0.0] == [one.override_message_timeout.ToNanoseconds() / 1e9 for one in said]
    assert TOLD == said[-1]


async def test_native_tells_of_an_effect_that_raises() -> None:
    """Its stream ends with an error; the connection lives."""
    made = waiting(broken)
    async with serving_natively(lambda: made) as served, served.raw() as client:
        client.send(opened(1))
        ends: list[tuple[str, int, int]] = []
        while not ends:
            ends = await client.ends()

    assert [("status", 1, 2)] == ends
    assert ["a bug"] == [str(error) for error in served.observer.errors]


async def test_native_ends_a_stream_that_asks_again_before_its_answer() -> None:
    """Envoy never does. The others live, and what was waited for is not."""
    made = waiting(never)
    async with serving_natively(lambda: made) as served, served.raw() as client:
        again = wire.data(wire.message(body(b"").SerializeToString()))
        client.send(opened(1), again)

        assert [("status", 1, 2)] == await client.ends()
        assert [] == await client.send(again).ends()

    (error,) = served.observer.errors
    assert "a message came before the last was answered" == str(error)


async def test_native_forgets_a_stream_that_was_reset() -> None:
    """What it waited for is cancelled, and nothing more is said of it."""
    cancelled = asyncio.Event()

    async def wait() -> list[int]:
        """Say when it is cancelled."""
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return []

    made = waiting(wait)
    async with serving_natively(lambda: made) as served, served.raw() as client:
        client.send(opened(1))
        await client.ends()
        client.send(wire.frame(wire.RST_STREAM, 0, 1, (8).to_bytes(4, "big")))
        await asyncio.wait_for(cancelled.wait(), 5)

        assert [] == await client.ends()
