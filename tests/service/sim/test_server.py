"""Start and stop of a replica in this process."""

import asyncio

import aiohttp
import pytest
from sim_builders import HELLO, settings

from extproc.engines.sim.profiles import LatencyProfile
from extproc.engines.sim.server import Server

CHAT = "/v1/chat/completions"
SLOW = LatencyProfile(base_ms=20.0, sequence_ms=0.0, prefill_token_ms=0.0, num_gpu_blocks=1)


async def start(server: Server, host: str = "127.0.0.1") -> str:
    """The URL of a server that nobody waits for."""
    return await server.start(host, 0, on_ready=lambda _: None, on_end=lambda: None)


async def test_starting_replica_is_unavailable() -> None:
    """Until the simulated start is over, health and the model's APIs answer 503."""
    async with (
        Server(settings(startup_seconds=60.0)) as server,
        aiohttp.ClientSession(await start(server)) as client,
        client.get("/health") as health,
        client.post(CHAT, json={"messages": HELLO}) as chat,
    ):
        pass

    assert (503, 503) == (health.status, chat.status)


async def test_unknown_path_and_method(client: aiohttp.ClientSession) -> None:
    """What is not routed is refused in FastAPI's shape, with the methods that are allowed."""
    async with client.get("/v1/nothing") as unknown, client.get(CHAT) as wrong:
        assert (404, {"detail": "Not Found"}) == (unknown.status, await unknown.json())
        assert (405, "POST") == (wrong.status, wrong.headers["allow"])


async def test_start_takes_its_time_at_its_speed() -> None:
    """The start is a simulated duration: at a thousand times the speed a minute takes 60 ms."""
    ready = asyncio.Event()
    async with Server(settings(startup_seconds=60.0, speed=1000.0)) as server:
        url = await server.start(
            "127.0.0.1", 0, on_ready=lambda _: ready.set(), on_end=lambda: None
        )
        was_ready = ready.is_set()
        await ready.wait()
        async with aiohttp.ClientSession(url) as client, client.get("/health") as response:
            assert (False, 200) == (was_ready, response.status)


async def test_address_of_version_6_is_bracketed() -> None:
    """The URL of a listener on IPv6 can be used as it is."""
    async with Server(settings()) as server:
        assert (await start(server, "::1")).startswith("http://[::1]:")


async def test_stop_cuts_off_streams() -> None:
    """A stream that would go on for hours does not hold up the end."""
    loop = asyncio.get_running_loop()
    server = Server(settings(profile=SLOW))
    async with aiohttp.ClientSession(await start(server)) as client:
        request = {"messages": HELLO, "stream": True, "ignore_eos": True}
        async with client.post(CHAT, json=request) as response:
            await response.content.readline()
            started = loop.time()
            await server.stop()
            elapsed = loop.time() - started

    assert elapsed < 1.0


async def test_taken_port_cannot_be_listened_on() -> None:
    """A port that somebody else has is an OSError, and stopping is still possible."""
    async with Server(settings()) as first:
        port = int((await start(first)).rsplit(":", 1)[1])
        async with Server(settings()) as second:
            with pytest.raises(OSError, match="address already in use"):
                await second.start("127.0.0.1", port, on_ready=lambda _: None, on_end=lambda: None)


async def test_end_of_the_engine_is_reported() -> None:
    """Whoever runs the server learns that its engine is gone."""
    failed = asyncio.Event()
    server = Server(settings())
    await server.start("127.0.0.1", 0, on_ready=lambda _: None, on_end=failed.set)
    await server.stop()
    await failed.wait()
