"""Injected faults as a client meets them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web
from sim_builders import HELLO, events, metric

from extproc.engines.sim.disruption import reset

CHAT = "/v1/chat/completions"
REQUEST = {"messages": HELLO, "max_tokens": 9}
STREAM = REQUEST | {"stream": True}
BROKEN = (aiohttp.ClientPayloadError, ConnectionResetError)


async def inject(client: aiohttp.ClientSession, **fault: object) -> None:
    """Switch a fault on."""
    async with client.post("/admin/faults", json=fault) as response:
        assert 200 == response.status


async def everything(content: aiohttp.StreamReader) -> bytes:
    """What arrives before the connection breaks or the response ends."""
    received = b""
    with contextlib.suppress(*BROKEN):
        async for line in content:
            received += line
    return received


async def test_status_with_retry_after(client: aiohttp.ClientSession) -> None:
    """A status is answered in vLLM's shape, and tells when to come back."""
    await inject(client, status=503, retry_after=7)
    async with client.post(CHAT, json=REQUEST) as response:
        error = (await response.json())["error"]

    assert (503, "7", 503) == (response.status, response.headers["retry-after"], error["code"])


async def test_status_goes_before_the_checks(client: aiohttp.ClientSession) -> None:
    """A fault hits a request that would be refused too."""
    await inject(client, status=500)
    async with client.post(CHAT, data=b"") as response:
        assert 500 == response.status


async def test_fault_is_over_after_its_count(client: aiohttp.ClientSession) -> None:
    """A fault for one request spares the second."""
    await inject(client, status=503, count=1)
    statuses = []
    for _ in range(2):
        async with client.post(CHAT, json=REQUEST) as response:
            statuses.append(response.status)

    assert [503, 200] == statuses


async def test_delay_comes_before_the_first_byte(client: aiohttp.ClientSession) -> None:
    """A delayed request is answered as always, but late."""
    await inject(client, delay_seconds=0.05)
    started = asyncio.get_running_loop().time()
    async with client.post(CHAT, json=REQUEST) as response:
        elapsed = asyncio.get_running_loop().time() - started

    assert 200 == response.status
    assert elapsed >= 0.05


async def test_hanging_request_is_never_answered(client: aiohttp.ClientSession) -> None:
    """A request that hangs takes nothing from the engine; the client's patience ends it."""
    await inject(client, hang=True, count=1)
    with pytest.raises(asyncio.TimeoutError):
        await client.post(CHAT, json=REQUEST, timeout=aiohttp.ClientTimeout(total=0.1))

    assert 0 == await metric(client, 'vllm:prompt_tokens_total{engine="0",model_name="tiny"}')


async def test_garbage_is_a_200_without_json(client: aiohttp.ClientSession) -> None:
    """Garbage claims to be JSON and is not."""
    await inject(client, garbage=True)
    async with client.post(CHAT, json=REQUEST) as response:
        assert (200, "application/json") == (response.status, response.content_type)
        with pytest.raises(ValueError, match="Expecting value"):
            await response.json()


async def test_reset_before_the_response(client: aiohttp.ClientSession) -> None:
    """The connection is reset and no byte of a response arrives."""
    await inject(client, reset="before_headers", count=1)

    with pytest.raises((aiohttp.ClientConnectionError, ConnectionResetError)):
        await client.post(CHAT, json=REQUEST)


async def test_reset_in_the_middle_of_a_stream(client: aiohttp.ClientSession) -> None:
    """So many tokens arrive, then the connection is reset."""
    await inject(client, reset="mid_stream", after_tokens=3)
    async with client.post(CHAT, json=STREAM) as response:
        received = await everything(response.content)

    # The first of the four chunks has the role.
    assert (200, 4) == (response.status, len(events(received)))
    assert isinstance(response.content.exception(), BROKEN)


async def test_reset_in_the_middle_of_an_answer(client: aiohttp.ClientSession) -> None:
    """An answer that is not streamed breaks off after its headers."""
    await inject(client, reset="mid_stream")
    async with client.post(CHAT, json=REQUEST) as response:
        with pytest.raises(BROKEN):
            await response.read()

    assert 200 == response.status


async def test_stream_that_ends_before_its_reset_is_complete(
    client: aiohttp.ClientSession,
) -> None:
    """A reset after more tokens than there are never comes."""
    await inject(client, reset="mid_stream", after_tokens=99)
    async with client.post(CHAT, json=STREAM) as response:
        assert "[DONE]" == events(await response.read())[-1]


async def test_reset_of_a_connection_that_is_gone() -> None:
    """A reset that comes after the client has left has nothing to do."""
    left = asyncio.Event()
    done = asyncio.Event()

    async def handle(request: web.Request) -> web.Response:
        """Reset the connection twice, the second time without a client."""
        reset(request)
        await left.wait()
        reset(request)
        done.set()
        return web.Response()

    async with replica_of(handle) as client:
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.get("/")
        left.set()
        await done.wait()


@contextlib.asynccontextmanager
async def replica_of(
    handle: Callable[[web.Request], Awaitable[web.Response]],
) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of a server with one handler."""
    application = web.Application()
    application.add_routes([web.get("/", handle)])
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as client:
        yield client
    await runner.cleanup()
