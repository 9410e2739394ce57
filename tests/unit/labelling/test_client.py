"""Asking a model on a real socket."""

import asyncio
from typing import Any

import aiohttp
import pytest
from model_server import ModelServer, Reply, model_server

from extproc.labelling.client import AskError, Client, Endpoint, Pace

HELLO = [{"role": "user", "content": "hello"}]


async def ask(server: ModelServer, **fields: Any) -> str:  # noqa: ANN401 - an endpoint's own
    """Ask it with hardly a pause between attempts."""
    endpoint = Endpoint(url=f"{server.url}/v1/", model="m", max_tokens=7, **fields)
    async with aiohttp.ClientSession() as http:
        return await Client(http, Pace(1000), wait=0.001).ask(endpoint, HELLO)


async def test_the_answer_is_the_first_choice() -> None:
    """The request names the model, the bound and the key."""
    with model_server(lambda _: "hi") as server:
        assert "hi" == await ask(server, key="secret")
    assert [{"model": "m", "messages": HELLO, "max_tokens": 7, "temperature": 0}] == server.bodies
    assert ["Bearer secret"] == server.keys


async def test_what_may_pass_is_asked_again() -> None:
    """A tier that is busy or starting."""
    replies: list[Reply] = ["hi", (503, "starting"), (429, "busy")]
    with model_server(lambda _: replies.pop()) as server:
        assert "hi" == await ask(server)
    assert [None] * 3 == server.keys


async def test_what_does_not_pass_is_an_error() -> None:
    """After so many attempts, with what the address said."""
    with (
        model_server(lambda _: (503, "starting")) as server,
        pytest.raises(AskError, match="status 503: starting"),
    ):
        await ask(server)
    assert 4 == len(server.bodies)


@pytest.mark.parametrize(
    ("reply", "message"),
    [((400, "too long"), "status 400: too long"), ((200, "{}"), "no chat completion"),
     ((200, '{"choices": []}'), "no chat completion")],
)  # fmt: skip
async def test_what_cannot_pass_is_asked_once(reply: Reply, message: str) -> None:
    """A refusal, or no answer of a chat's shape."""
    with model_server(lambda _: reply) as server, pytest.raises(AskError, match=message):
        await ask(server)
    assert 1 == len(server.bodies)


async def test_an_address_where_nobody_is() -> None:
    """Is named."""
    with model_server(lambda _: "hi") as server:
        url = server.url

    endpoint = Endpoint(url=url, model="m", max_tokens=7)
    async with aiohttp.ClientSession() as http:
        with pytest.raises(AskError, match=url):
            await Client(http, Pace(1000), wait=0.001).ask(endpoint, HELLO)


async def test_an_answer_that_breaks_off_is_asked_for_again() -> None:
    """As where a tier dies under it; it is no traceback in the end."""

    async def breaks_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b'"temperature":0}')
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(breaks_off, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        endpoint = Endpoint(url=f"http://127.0.0.1:{port}", model="m", max_tokens=7)
        async with aiohttp.ClientSession() as http:
            with pytest.raises(AskError, match="ClientPayloadError"):
                await Client(http, Pace(1000), wait=0.001).ask(endpoint, HELLO)


async def test_the_pace_is_kept() -> None:
    """Six turns at 100 a second take five gaps."""
    pace, loop = Pace(100), asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(pace.turn() for _ in range(6)))

    assert loop.time() - began >= 0.05
