"""How a server ends: requests that are on their way are served."""

import asyncio
import time

import grpc
import pytest
from builders import RecordingObserver, body, chat, headers, routed
from playbook import steered
from serving import MAX_BODY, foreign, serving

from extproc.server import Server

FIXED = steered("reasoning", reason="fixed", policy="fixed")


async def test_new_streams_are_served_during_the_drain() -> None:
    """Envoys learn of it only after a while; until then nothing is refused."""
    async with serving() as served:
        draining = asyncio.ensure_future(served.server.drain(30.0))
        await asyncio.sleep(0.01)

        assert "NOT_SERVING" == await served.health("readiness")
        assert FIXED == (await served.ask(headers(), body(chat())))[-1]
        assert draining.cancel()


async def test_an_open_stream_ends_by_itself() -> None:
    """A body that is still on its way gets its decision, after the server stopped listening."""
    async with serving() as served:
        stream = served.stream()
        await stream.write(foreign(headers()))
        await stream.read()
        draining = asyncio.ensure_future(served.server.drain(0.5))
        await asyncio.sleep(0.55)
        await stream.write(foreign(body(chat())))

        assert FIXED == await stream.read()
        await draining


@pytest.mark.parametrize("seconds", [0.0, 0.05], ids=["no-grace", "grace"])
async def test_a_stream_that_hangs_does_not_hold_the_end(seconds: float) -> None:
    """After the drain and as much again it is cut off."""
    async with serving() as served:
        stream = served.stream()
        await stream.write(foreign(headers()))
        await stream.read()
        started = time.monotonic()
        await served.server.drain(seconds)

        assert time.monotonic() - started < 10.0
        assert grpc.StatusCode.OK is not await stream.code()


async def test_nobody_is_served_afterwards() -> None:
    """The port is closed."""
    async with serving() as served:
        await served.server.drain(0.0)

        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await served.ask(headers(), body(chat()))

    assert grpc.StatusCode.UNAVAILABLE is caught.value.code()


async def test_a_server_that_never_started_drains_too() -> None:
    """A signal may come before the address was had."""
    observer = RecordingObserver()

    await Server(routed, observer, max_body_bytes=MAX_BODY).drain(0.0)

    assert [] == observer.errors
